import { countSpikes, inOrder } from "../../in-frames";
import type { NwbFile } from "./nwb-file";
import { measuredTime, type ResponseOptions, type Responses, whenOf } from "./responses";
import { chooseRows, readColumn, readEnds, valuesIn } from "./table";
import { electrodeFacts } from "./unit-facts";

const UNITS = "units";
/** The columns that describe the quality of units. */
const QUALITY = ["quality", "KSLabel", "group", "cell_type"];

/** Opens the spike times of the file's units. */
export async function openUnits(nwb: NwbFile, { where, window }: ResponseOptions): Promise<Responses> {
  const rows = await chooseRows(nwb, UNITS, where);
  const ids = (await nwb.numbers(`${UNITS}/id`, "the id of each unit")).values;
  const spikes = (await nwb.numbers(`${UNITS}/spike_times`, "seconds, all units one after another")).values;
  const ends = await readEnds(nwb, UNITS, "spike_times");
  const last = ends[ends.length - 1] ?? 0;
  if (ends.length !== ids.length || last > spikes.length)
    throw nwb.fail(`${UNITS}/spike_times_index`, `ends at ${last} for ${ends.length} units, but there are ${spikes.length} spikes of ${ids.length} units`); // biome-ignore format: one line
  const trains = rows.map((row) => {
    const [from, to] = [ends[row - 1] ?? 0, ends[row]!];
    return inOrder(Float64Array.from({ length: to - from }, (_, i) => spikes[from + i]!));
  });
  const chosen = where.length > 0 ? ` where ${where.join(" and ")}` : "";
  const facts = await electrodeFacts(nwb, UNITS, rows);
  return {
    at: UNITS,
    cids: rows.map((row) => ids[row]!),
    kind: "counts",
    ...facts,
    taken: [`robs: ${UNITS}: spikes of ${rows.length} of ${ids.length} units${chosen}, counted ${whenOf(window)}`, ...facts.taken], // biome-ignore format: one line
    assumed: where.length > 0 ? [] : await qualityHint(nwb),
    inFrames: async (frames) =>
      countSpikes(trains, frames.starts.length, (frame) => measuredTime(frames, frame, window)),
  };
}

/** Says which units a column of quality would choose. */
async function qualityHint(nwb: NwbFile): Promise<string[]> {
  for (const name of QUALITY) {
    const values = await readColumn(nwb, UNITS, name);
    if (values && typeof values[0] === "string")
      return [`all units; choose by --where, such as ${name}=${values[0]}: ${name} has ${valuesIn(values)}`];
  }
  return [];
}
