import type { NwbFile } from "./nwb-file";
import { columnsOf } from "./table";

/** The groups of a file that hold recorded data. */
const DATA = ["acquisition", "processing", "stimulus", "intervals", "units", "analysis", "scratch"];

/** Lists the data of a file that was not read, with their types. For a table that was read, it lists the unread columns. */
export function unusedIn(nwb: NwbFile): string[] {
  return DATA.flatMap((top) => unusedBelow(nwb, top));
}

function unusedBelow(nwb: NwbFile, at: string): string[] {
  const object = nwb.get(at);
  if (!object || nwb.resolve(at) !== at) return [];
  if (object.array) return nwb.isUsed(at) ? [] : [`${at}${typed(nwb, at)}`];
  if (isTable(nwb, at)) {
    // The columns of intervals may be read to see what a table shows; its times are read when it is used.
    const times = `${at}/start_time`;
    if (!nwb.isUsed(nwb.array(times) ? times : at)) return [`${at}${typed(nwb, at)}`];
    const columns = columnsOf(nwb, at).filter((name) => !nwb.isUsed(`${at}/${name}`));
    return columns.length > 0 ? [`${at}: the columns ${columns.join(", ")}`] : [];
  }
  if (isSeries(nwb, at)) return nwb.isUsed(at) ? [] : [`${at}${typed(nwb, at)}`];
  return nwb.keys(at).flatMap((name) => unusedBelow(nwb, `${at}/${name}`));
}

const typed = (nwb: NwbFile, at: string) => (nwb.typeOf(at) ? ` (${nwb.typeOf(at)})` : "");
const isTable = (nwb: NwbFile, at: string) =>
  nwb.get(at)?.attributes.colnames !== undefined || nwb.array(`${at}/id`) !== undefined;
const isSeries = (nwb: NwbFile, at: string) =>
  ["data", "external_file", "timestamps"].some((name) => nwb.get(`${at}/${name}`)) ||
  nwb.typeOf(at) === "Images";
