import type { PreparedSession } from "../data";
import { type BitsPerSpike, LEAST_RATE } from "../metrics";

/** Whether a bin of a unit counts as valid. */
export const counts = ({ dfs, dfsColumns }: PreparedSession, frame: number, unit: number): boolean =>
  dfs[frame * dfsColumns + (dfsColumns === 1 ? 0 : unit)]! > 0;

/**
 * Adds a session's rates to running sums, as `bitsPerSpikeSums` adds those of a batch.
 *
 * @param rates `[frames, units]`, for the given frames
 * @param firstUnit the index of the session's first unit among all units
 */
export function addRates(
  sums: BitsPerSpike,
  session: PreparedSession,
  { frames, rates, firstUnit }: { frames: Int32Array; rates: Float32Array; firstUnit: number },
): void {
  const units = session.cids.length;
  const all = sums.unitDataset.length;
  frames.forEach((frame, i) => {
    for (let unit = 0; unit < units; unit++) {
      if (!counts(session, frame, unit)) continue;
      const [spikes, rate] = [session.robs[frame * units + unit]!, rates[i * units + unit]!];
      const gain = spikes * Math.log(rate + LEAST_RATE);
      [gain, rate, spikes, 1].forEach((value, row) => {
        sums.sums[row * all + firstUnit + unit]! += value;
      });
    }
  });
}
