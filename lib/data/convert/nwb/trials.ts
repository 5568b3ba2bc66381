import type { NwbFile } from "./nwb-file";
import { intervalTables, readTimes } from "./table";

/** The trial of each frame, and a description of its origin. */
export interface Trials {
  readonly trialInds: Int32Array;
  readonly taken?: string;
  readonly assumed?: string;
}

/** The options for trials. */
export interface TrialOptions {
  /** The table of the trials: its path, or the end of it. Default: `intervals/trials`. */
  readonly table: string | undefined;
  /** The length of blocks without a table of trials, in seconds. */
  readonly block: number;
}

const STANDARD = "intervals/trials";

/**
 * Returns the trial of each frame: the row of an interval table, or a block of fixed length where the file has no trials. Frames between
 * trials form separate trials.
 *
 * @param times the middles of the frames in seconds @param period the usual distance of two frames in seconds
 * @throws ConfigError that lists the tables for an unknown one
 */
export async function trialsOf(
  nwb: NwbFile,
  times: Float64Array,
  period: number,
  { table, block }: TrialOptions,
): Promise<Trials> {
  const found = table ? tableNamed(nwb, table) : nwb.array(`${STANDARD}/start_time`) ? STANDARD : undefined;
  if (found) {
    const trialInds = await trialsIn(nwb, found, times);
    if (table || new Set(trialInds).size > 1) return { trialInds, taken: `trial_inds: ${found}` };
  }
  const reason = found ? `${found} does not divide the frames` : `there is no ${STANDARD}`;
  const others = intervalTables(nwb).filter((other) => other !== found);
  const hint = others.length > 0 ? `; --trials may name ${others.join(", ")}` : "";
  return {
    trialInds: blocksOf(times, period, block),
    assumed: `trial_inds: blocks of ${block} s, because ${reason}${hint}`,
  };
}

function tableNamed(nwb: NwbFile, name: string): string {
  const tables = intervalTables(nwb);
  const found = tables.find((table) => table === name) ?? tables.find((table) => table.endsWith(`/${name}`));
  if (found) return found;
  throw nwb.fail(
    "--trials",
    `the file has no table of intervals ${name}; it has ${tables.join(", ") || "none"}`,
  );
}

async function trialsIn(nwb: NwbFile, table: string, times: Float64Array): Promise<Int32Array> {
  const { starts, stops } = await readTimes(nwb, table);
  const rows = Array.from(starts, (start, row) => ({ start, stop: stops[row]!, row }))
    .filter(({ start }) => Number.isFinite(start))
    .sort((a, b) => a.start - b.start);
  let next = 0;
  return Int32Array.from(times, (time) => {
    while (next < rows.length && rows[next]!.start <= time) next++;
    const current = rows[next - 1];
    return current && time < current.stop ? current.row : starts.length + next;
  });
}

/** Numbers blocks of a length in seconds; a pause begins a new block. */
function blocksOf(times: Float64Array, period: number, length: number): Int32Array {
  let [block, begin] = [0, times[0] ?? 0];
  return Int32Array.from(times, (time, t) => {
    const isPause = t > 0 && time - times[t - 1]! > Math.max(length, 10 * period);
    if (time - begin >= length - 1e-9 || isPause) [block, begin] = [block + 1, time];
    return block;
  });
}
