import { countSpikes, inOrder, type MeasuredTime } from "../../in-frames";
import type { Frames } from "./frames";
import { type NwbFile, rounded } from "./nwb-file";
import { measuredTime, type ResponseOptions, type Responses, whenOf } from "./responses";
import { chooseRows, readColumn, readEnds, valuesIn } from "./table";
import { electrodeFacts } from "./unit-facts";

const UNITS = "units";
/** Times of frames and of observation come from different clocks, so they may differ by this number of seconds. */
const SLACK = 1e-3;
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
    throw nwb.fail(
      `${UNITS}/spike_times_index`,
      `ends at ${last} for ${ends.length} units, but there are ${spikes.length} spikes of ${ids.length} units`,
    );
  const trains = rows.map((row) => {
    const [from, to] = [ends[row - 1] ?? 0, ends[row]!];
    return inOrder(Float64Array.from({ length: to - from }, (_, i) => spikes[from + i]!));
  });
  const chosen = where.length > 0 ? ` where ${where.join(" and ")}` : "";
  const facts = await electrodeFacts(nwb, UNITS, rows);
  const observed = await readObserved(nwb, rows);
  return {
    at: UNITS,
    cids: rows.map((row) => ids[row]!),
    kind: "counts",
    ...facts,
    taken: [
      `robs: ${UNITS}: spikes of ${rows.length} of ${ids.length} units${chosen}, counted ${whenOf(window)}`,
      ...facts.taken,
    ],
    assumed: where.length > 0 ? [] : await qualityHint(nwb),
    async inFrames(frames) {
      const timeOf = (frame: number) => measuredTime(frames, frame, window);
      const counts = countSpikes(trains, frames.starts.length, timeOf);
      requireSpikes(nwb, trains, frames, counts);
      if (observed) markUnobserved(counts, observed, timeOf);
      return counts;
    },
  };
}

/** The times in which a unit was observed, as begin and end in turn, in order. */
type Observed = Float64Array;

/** Reads the times in which each unit was observed; undefined when the file does not state them. */
async function readObserved(nwb: NwbFile, rows: readonly number[]): Promise<Observed[] | undefined> {
  if (!nwb.array(`${UNITS}/obs_intervals_index`)) return undefined;
  const { values } = await nwb.numbers(`${UNITS}/obs_intervals`, "the times in which each unit was observed");
  const ends = await readEnds(nwb, UNITS, "obs_intervals");
  const times = Float64Array.from(values);
  return rows.map((row) => times.subarray(2 * (ends[row - 1] ?? 0), 2 * ends[row]!));
}

/** Replaces the counts of frames in which a unit was not observed by NaN. */
function markUnobserved(
  counts: Float32Array,
  observed: readonly Observed[],
  timeOf: (frame: number) => MeasuredTime,
): void {
  const units = observed.length;
  for (const [unit, times] of observed.entries())
    for (let at = unit, i = 0; at < counts.length; at += units) {
      const [from, to] = timeOf((at - unit) / units);
      while (i + 2 < times.length && times[i + 1]! < to - SLACK) i += 2;
      if (!(times[i]! <= from + SLACK && to - SLACK <= times[i + 1]!)) counts[at] = Number.NaN;
    }
}

/** @throws ConfigError when no unit has a spike in any frame, which means that the clocks differ */
function requireSpikes(
  nwb: NwbFile,
  trains: readonly Float64Array[],
  { starts, stops }: Frames,
  counts: Float32Array,
): void {
  if (counts.some((count) => count > 0)) return;
  const spikes = trains.filter((train) => train.length > 0);
  const [first, last] = [
    Math.min(...spikes.map((train) => train[0]!)),
    Math.max(...spikes.map((train) => train.at(-1)!)),
  ];
  const found =
    spikes.length > 0
      ? `its spikes are from ${rounded(first)} to ${rounded(last)} s; check the clock of the stimulus`
      : "it has no spikes at all";
  throw nwb.fail(
    `${UNITS}/spike_times`,
    `has no spike while frames are shown, from ${rounded(starts[0] ?? 0)} to ${rounded(stops.at(-1) ?? 0)} s: ${found}`,
  );
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
