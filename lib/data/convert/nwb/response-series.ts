import { samplesIn, valueIn } from "../../in-frames";
import { medianStep } from "../../ops";
import type { Frames } from "./frames";
import { type Clock, type NwbFile, rounded } from "./nwb-file";
import { measuredTime, type ResponseOptions, type Responses, whenOf } from "./responses";
import { chooseRows } from "./table";
import { roiFacts } from "./unit-facts";

/** The values of a series that are read at once. */
const BLOCK = 2 ** 22;

/** A series of responses, `[time, units]`, of which some columns are used. */
interface Series extends Clock {
  readonly width: number;
  readonly columns: readonly number[];
  readonly window: ResponseOptions["window"];
  /** Whether samples are counts, which are added up; other samples are averaged. */
  readonly counts: boolean;
  /** Reads the samples from `from` up to `to`, `[samples, width]`. */
  read(from: number, to: number): Promise<ArrayLike<number>>;
}

/** Opens a series of responses: of regions of interest, or of other units. */
export async function openSeries(
  nwb: NwbFile,
  at: string,
  { where, window }: ResponseOptions,
): Promise<Responses> {
  const data = `${at}/data`;
  const array = nwb.array(data);
  if (!array || array.shape.length > 2 || array.shape.length === 0)
    throw nwb.fail(data, `must be [time, units]; it has shape [${array?.shape ?? ""}]`);
  const [rows, columns = 1] = array.shape as [number, number?];
  // The samples are the axis whose length is that of the timestamps.
  const stamps = nwb.array(`${at}/timestamps`)?.shape[0];
  const transposed = array.shape.length === 2 && (stamps ?? rows) !== rows && stamps === columns;
  const [samples, width] = transposed ? [columns, rows] : [rows, columns];
  const { table, rois } = await roisOf(nwb, at, width);
  const clock = await nwb.clockOf(at, samples);
  const used = await columnsOf(nwb, at, { table, rois, width }, where);
  const kind = rois ? "calcium" : array.type === "float" ? "rates" : "counts";
  const counts = kind === "counts";
  const series: Series = {
    ...clock,
    width,
    columns: used,
    window,
    counts,
    read: transposed
      ? await readTransposed(nwb, data, samples, width)
      : async (from, to) => (await nwb.numbers(data, "the responses", from, to)).values,
  };
  const { factor, offset } = nwb.scaleOf(data);
  const way = counts ? "added up" : "averaged";
  const which = where.length > 0 ? ` of ${width} units where ${where.join(" and ")}` : " units";
  const facts = table
    ? await roiFacts(
        nwb,
        table,
        used.map((column) => rois![column]!),
      )
    : { cids: used, taken: [], leftOut: [] };
  return {
    ...facts,
    at,
    kind,
    assumed: [],
    taken: [
      `robs: ${at}: ${used.length}${which}, samples ${way} ${whenOf(window)}${counts ? "" : ", or interpolated where there are none"}`,
      ...facts.taken,
    ],
    async inFrames(frames) {
      requireFineBins(nwb, at, series, frames);
      const values = await framesOfSeries(series, frames);
      return factor === 1 && offset === 0 ? values : values.map((x) => x * factor + offset);
    },
  };
}

/** Returns the columns of the units that `where` chooses. @throws ConfigError when there are none */
async function columnsOf(
  nwb: NwbFile,
  at: string,
  { table, rois, width }: { table: string; rois?: readonly number[] | undefined; width: number },
  where: readonly string[],
): Promise<number[]> {
  const all = Array.from({ length: width }, (_, column) => column);
  if (where.length > 0 && !table) throw nwb.fail("--where", `${at} has no table of units to choose from`);
  const chosen = where.length > 0 ? new Set(await chooseRows(nwb, table, where)) : undefined;
  const used = all.filter((column) => !chosen || chosen.has(rois![column]!));
  if (used.length === 0) throw nwb.fail("--where", `chooses no unit of ${at}`);
  return used;
}

/** Returns the table of a series' regions of interest and the row of each column, if it has them. */
async function roisOf(nwb: NwbFile, at: string, width: number): Promise<{ table: string; rois?: number[] }> {
  if (!nwb.array(`${at}/rois`)) return { table: "" };
  const rois = Array.from((await nwb.numbers(`${at}/rois`, "the row of each unit in its table")).values);
  const table = String(nwb.get(`${at}/rois`)?.attributes.table ?? "");
  const known = nwb.array(`${table}/id`)?.shape[0] ?? Infinity;
  const bad = rois.find((row) => !(Number.isInteger(row) && row >= 0 && row < known));
  if (bad !== undefined) throw nwb.fail(`${at}/rois`, `names the row ${bad} of a table of ${known} rows`);
  if (rois.length !== width)
    throw nwb.fail(`${at}/rois`, `names ${rois.length} regions, but ${at}/data has ${width} columns`);
  return { table, rois };
}

async function readTransposed(
  nwb: NwbFile,
  data: string,
  samples: number,
  width: number,
): Promise<Series["read"]> {
  const { values } = await nwb.numbers(data, "the responses");
  return async (from, to) =>
    Float64Array.from(
      { length: (to - from) * width },
      (_, i) => values[(i % width) * samples + from + Math.floor(i / width)]!,
    );
}

/** Counts of bins that are longer than a frame cannot be divided among frames. */
function requireFineBins(
  nwb: NwbFile,
  at: string,
  { counts, period, window }: Series,
  { starts }: Frames,
): void {
  const length = window ? window[1] - window[0] : medianStep(starts);
  if (!counts || period <= 1.01 * length) return;
  throw nwb.fail(
    at,
    `has counts in bins of ${rounded(period)} s, but a frame takes ${rounded(length)} s; give --sampling_rate, at most ${Math.floor(1000 / period) / 1000}`,
  );
}

/** Puts a series into frames, `[frames, columns]`; NaN where it has no samples. */
async function framesOfSeries(series: Series, frames: Frames): Promise<Float32Array> {
  const { window, starts: times, width, columns } = series;
  const count = frames.starts.length;
  const values = new Float32Array(count * columns.length).fill(Number.NaN);
  const limit = Math.max(1, Math.floor(BLOCK / width));
  let block = { from: 0, to: 0, values: [] as ArrayLike<number> };
  for (let t = 0; t < count; t++) {
    const found = samplesIn(times, measuredTime(frames, t, window));
    if (!found) continue;
    const { first, end } = found;
    if (first < block.from || end > block.to) {
      const last = Math.min(times.length, Math.max(end, first + limit));
      block = { from: first, to: last, values: await series.read(first, last) };
    }
    for (const [k, column] of columns.entries()) {
      const at = (first - block.from) * width + column;
      values[t * columns.length + k] = valueIn(found, block.values, { at, width, adds: series.counts });
    }
  }
  return values;
}
