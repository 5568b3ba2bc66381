import type { NwbFile } from "./nwb-file";
import type { Responses } from "./responses";
import { isNumeric } from "./source";
import { readColumn, readEnds } from "./table";

type Facts = Pick<Responses, "coordinates" | "groups" | "taken" | "leftOut">;

/** The columns with the places of electrodes or regions of interest, the preferred ones first. */
const PLACES = [
  ["probe_horizontal_position", "probe_vertical_position"],
  ["rel_x", "rel_y", "rel_z"],
  ["rel_x", "rel_y"],
  ["unit_x", "unit_y", "unit_z"],
  ["x", "y", "z"],
  ["x", "y"],
  ["depth"],
];
/** The columns with the area or the probe of units, the preferred ones first. */
const AREAS = ["location", "brain_area", "structure_acronym", "group_name", "electrode_group"];

/**
 * Reads the places and the areas of sorted units: those of their own columns, or of their electrodes (of the peak channel, or the mean).
 *
 * @param rows the rows of the units
 */
export async function electrodeFacts(nwb: NwbFile, units: string, rows: readonly number[]): Promise<Facts> {
  const electrodes = String(
    nwb.get(`${units}/electrodes`)?.attributes.table ?? "general/extracellular_ephys/electrodes",
  );
  const ofUnits = await electrodesOf(nwb, units, electrodes, rows);
  const own = rows.map((row) => [row]);
  const places = (await placesIn(nwb, units, own)) ?? (ofUnits && (await placesIn(nwb, electrodes, ofUnits)));
  const areas = (await areasIn(nwb, units, own)) ?? (ofUnits && (await areasIn(nwb, electrodes, ofUnits)));
  return factsOf(places, areas);
}

/** Returns the electrode rows of each unit; undefined if the file does not state them. */
async function electrodesOf(
  nwb: NwbFile,
  units: string,
  electrodes: string,
  rows: readonly number[],
): Promise<number[][] | undefined> {
  if (!nwb.get(electrodes)) return undefined;
  const peaks = await readColumn(nwb, units, "peak_channel_id");
  if (peaks && nwb.array(`${electrodes}/id`)) {
    const ids = Array.from((await nwb.numbers(`${electrodes}/id`, "the id of each electrode")).values);
    const found = rows.map((row) => ids.indexOf(Number(peaks[row])));
    if (!found.includes(-1)) return found.map((row) => [row]);
  }
  if (!nwb.array(`${units}/electrodes`)) return undefined;
  const { values } = await nwb.numbers(`${units}/electrodes`, "the electrodes of each unit");
  if (!nwb.array(`${units}/electrodes_index`)) return rows.map((row) => [values[row]!]);
  const ends = await readEnds(nwb, units, "electrodes");
  const found = rows.map((row) => Array.from(values).slice(ends[row - 1] ?? 0, ends[row]!));
  return found.every((list) => list.length > 0) ? found : undefined;
}

/** Reads the ids, places and planes of regions of interest. @param rows the rows in the table, a `PlaneSegmentation` */
export async function roiFacts(
  nwb: NwbFile,
  table: string,
  rows: readonly number[],
): Promise<Facts & { cids: number[] }> {
  const ids = (await nwb.numbers(`${table}/id`, "the id of each region of interest")).values;
  const own = rows.map((row) => [row]);
  const places = (await placesIn(nwb, table, own)) ?? (await centres(nwb, table, rows));
  const areas = await areasIn(nwb, table, own);
  return { cids: rows.map((row) => ids[row]!), ...factsOf(places, areas) };
}

interface Places {
  readonly from: string;
  readonly values: number[][];
}
interface Areas {
  readonly from: string;
  readonly names: string[];
}

/** Reads the first known columns of places; undefined if the table has none. @param rows the rows of each unit, whose mean is taken */
async function placesIn(nwb: NwbFile, table: string, rows: readonly number[][]): Promise<Places | undefined> {
  const names = PLACES.find((list) => list.every((name) => isNumbers(nwb, `${table}/${name}`)));
  if (!names) return undefined;
  const columns: ArrayLike<number>[] = [];
  for (const name of names)
    columns.push((await nwb.numbers(`${table}/${name}`, "a place for each row")).values);
  const values = rows.map((list) =>
    columns.map((column) => list.reduce((sum, row) => sum + column[row]!, 0) / list.length),
  );
  return { from: `${table}/{${names.join(",")}}`, values };
}

function isNumbers(nwb: NwbFile, at: string): boolean {
  const array = nwb.array(at);
  return array?.shape.length === 1 && isNumeric(array.type);
}

async function areasIn(nwb: NwbFile, table: string, rows: readonly number[][]): Promise<Areas | undefined> {
  for (const name of AREAS) {
    const values = await readColumn(nwb, table, name);
    if (!values || typeof values[0] !== "string") continue;
    // A reference is the path of a probe, whose name is its last part.
    const isPath = nwb.array(`${table}/${name}`)?.type === "reference";
    const areas = rows.map(([row]) => String(values[row!]));
    return {
      from: `${table}/${name}`,
      names: isPath ? areas.map((path) => path.split("/").at(-1)!) : areas,
    };
  }
  return undefined;
}

/** Returns the centres of masks as (row, column), weighted by the values of the mask. */
async function centres(nwb: NwbFile, table: string, rows: readonly number[]): Promise<Places | undefined> {
  const shape = nwb.array(`${table}/image_mask`)?.shape;
  if (shape?.length === 3)
    return { from: `${table}/image_mask`, values: await centresOfImages(nwb, table, rows, shape) };
  const mask = ["pixel_mask", "voxel_mask"].find(
    (name) => (nwb.array(`${table}/${name}`)?.shape[1] ?? 0) >= 3,
  );
  if (!mask) return undefined;
  const {
    values,
    shape: [, members = 3],
  } = await nwb.numbers(`${table}/${mask}`, "the pixels of each mask");
  const ends = await readEnds(nwb, table, mask);
  const centre = (row: number) => {
    const sums = new Array<number>(members).fill(0);
    for (let i = ends[row - 1] ?? 0; i < ends[row]!; i++) {
      const weight = values[i * members + members - 1]!;
      for (let d = 0; d < members - 1; d++) sums[d]! += weight * values[i * members + d]!;
      sums[members - 1]! += weight;
    }
    return sums.slice(0, -1).map((sum) => sum / sums[members - 1]!);
  };
  return { from: `${table}/${mask}`, values: rows.map(centre) };
}

async function centresOfImages(
  nwb: NwbFile,
  table: string,
  rows: readonly number[],
  shape: readonly number[],
): Promise<number[][]> {
  const width = shape[2]!;
  const found: number[][] = [];
  for (const row of rows) {
    const { values } = await nwb.numbers(`${table}/image_mask`, "a mask for each region", row, row + 1);
    let [x, y, total] = [0, 0, 0];
    for (let i = 0; i < values.length; i++) {
      x += values[i]! * (i % width);
      y += values[i]! * Math.floor(i / width);
      total += values[i]!;
    }
    found.push([y / total, x / total]);
  }
  return found;
}

function factsOf(places: Places | undefined, areas: Areas | undefined): Facts {
  const leftOut: string[] = [];
  const taken: string[] = [];
  const unknown = places?.values.filter((place) => !place.every(Number.isFinite)).length ?? 0;
  if (unknown > 0) leftOut.push(`${places!.from}: no place of ${unknown} units is known`);
  else if (places) taken.push(`unit_coordinates: ${places.from}`);
  const names = [...new Set(areas?.names)].sort();
  if (areas) taken.push(`unit_groups: ${areas.from}: ${names.map((name, i) => `${i} ${name}`).join(", ")}`);
  return {
    leftOut,
    taken,
    ...(places && unknown === 0 ? { coordinates: places.values } : {}),
    ...(areas ? { groups: areas.names.map((name) => names.indexOf(name)) } : {}),
  };
}
