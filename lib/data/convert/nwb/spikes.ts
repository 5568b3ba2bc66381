import type { Frames } from "./frames";
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
  const trains = rows.map((row) => sorted(spikes, ends[row - 1] ?? 0, ends[row]!));
  const chosen = where.length > 0 ? ` where ${where.join(" and ")}` : "";
  const facts = await electrodeFacts(nwb, UNITS, rows);
  return {
    at: UNITS,
    cids: rows.map((row) => ids[row]!),
    kind: "counts",
    ...facts,
    taken: [`robs: ${UNITS}: spikes of ${rows.length} of ${ids.length} units${chosen}, counted ${whenOf(window)}`, ...facts.taken], // biome-ignore format: one line
    assumed: where.length > 0 ? [] : await qualityHint(nwb),
    inFrames: async (frames) => countSpikes(trains, frames, window),
  };
}

/** Returns a unit's spike times in order. */
function sorted(spikes: ArrayLike<number>, from: number, to: number): Float64Array {
  const train = Float64Array.from({ length: to - from }, (_, i) => spikes[from + i]!);
  return train.every((time, i) => i === 0 || time >= train[i - 1]!) ? train : train.sort();
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

/** Counts the spikes of each unit in each frame, `[frames, units]`. */
function countSpikes(
  trains: readonly Float64Array[],
  frames: Frames,
  window: ResponseOptions["window"],
): Float32Array {
  const count = frames.starts.length;
  const counts = new Float32Array(count * trains.length);
  for (const [unit, train] of trains.entries()) {
    // Frames begin one after another, so both places in the train move forward, unless a frame ends before the last one did.
    let [first, end, last] = [0, 0, Number.NEGATIVE_INFINITY];
    for (let t = 0; t < count; t++) {
      const [from, to] = measuredTime(frames, t, window);
      while (first < train.length && train[first]! < from) first++;
      if (to < last || end < first) end = first;
      while (end < train.length && train[end]! < to) end++;
      last = to;
      counts[t * trains.length + unit] = end - first;
    }
  }
  return counts;
}
