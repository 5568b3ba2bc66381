import { type PreparedSession, trueRates } from "../data";
import { BitsPerSpike } from "../metrics";
import type { TwinModule } from "./twin-module";

/**
 * Bits per spike of the true rates on the validation frames of simulated sessions: what no model can beat but by luck.
 *
 * @returns the running sums to ask, or undefined when a session has no truth
 */
export async function bestPossible({ sessions, model }: TwinModule): Promise<BitsPerSpike | undefined> {
  const best = new BitsPerSpike(
    model.unitDataset,
    sessions.map(({ name }) => name),
  );
  for (const [i, session] of sessions.entries()) {
    const rates = await trueRates(session);
    if (!rates) return undefined;
    addSession(best, session, rates, model.unitDataset.indexOf(i));
  }
  return best;
}

function addSession(
  best: BitsPerSpike,
  session: PreparedSession,
  rates: Float32Array,
  firstUnit: number,
): void {
  const { robs, dfs, dfsColumns, cids, validation } = session;
  const all = best.unitDataset.length;
  cids.forEach((_, unit) => {
    for (const t of validation) {
      const valid = dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]!;
      if (!valid) continue;
      const [spikes, rate] = [robs[t * cids.length + unit]!, rates[t * cids.length + unit]!];
      // The rows of `bitsPerSpikeSums`.
      [spikes * Math.log(rate), rate, spikes, 1].forEach((value, row) => {
        best.sums[row * all + firstUnit + unit]! += value;
      });
    }
  });
}
