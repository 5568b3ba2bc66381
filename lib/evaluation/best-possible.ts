import { trueRates } from "../data";
import { BitsPerSpike } from "../metrics";
import type { TwinModule } from "../twin/twin-module";
import { addRates } from "./add-rates";

/**
 * Computes the bits per spike of the true rates on the validation frames of simulated sessions: the upper bound for any
 * model, apart from chance.
 *
 * @returns the running sums, or undefined when a session has no known truth
 */
export async function bestPossible({ sessions, model }: TwinModule): Promise<BitsPerSpike | undefined> {
  const best = new BitsPerSpike(
    model.unitDataset,
    sessions.map(({ name }) => name),
  );
  for (const [i, session] of sessions.entries()) {
    const truth = await trueRates(session);
    if (!truth) return undefined;
    const units = session.cids.length;
    const frames = session.validation;
    const rates = new Float32Array(frames.length * units);
    frames.forEach((frame, k) => {
      rates.set(truth.subarray(frame * units, (frame + 1) * units), k * units);
    });
    addRates(best, session, { frames, rates, firstUnit: model.unitDataset.indexOf(i) });
  }
  return best;
}
