import { OutOfMemoryError } from "../engine";
import { Feed } from "./feed";
import type { BatchSource, TrainingModule } from "./module";
import type { CheckedOptions } from "./options";
import { Snapshot } from "./snapshot";
import { Step } from "./step";

export interface LearningRates {
  /** Where the smoothed loss falls most steeply: a rate to begin with; undefined when it falls nowhere. */
  readonly suggestion: number | undefined;
  readonly rates: readonly number[];
  /** The loss at each rate, smoothed. */
  readonly losses: readonly number[];
}

/** How far the loss may rise over its least before the search ends. */
const RISE = 4;
/** The share of the steps in which the running mean finds its level, and over which a slope is read. */
const SETTLING = 0.1;
/** Of the running mean. */
const SMOOTHING = 0.9;

/**
 * The range test (Smith 2017, "Cyclical learning rates"): the rate grows from step to step, evenly on a log axis, until the
 * loss explodes. The module is left as it was.
 */
export async function findLearningRate(
  module: TrainingModule & BatchSource,
  options: CheckedOptions,
  { from = 1e-6, to = 1, steps = 100 } = {},
): Promise<LearningRates> {
  const before = new Snapshot(module);
  const feed = new Feed(module, options, 1);
  const step = new Step(module, { ...options, accumulateGradBatches: 1 });
  const [rates, losses]: [number[], number[]] = [[], []];
  const lambdas = module.regularization?.lambdas(0) ?? [];
  let mean = 0;
  try {
    for (let i = 0; i < steps; i++) {
      const lr = from * (to / from) ** (i / (steps - 1));
      const { loss } = await step.train(await feed.next(), { lr, lambdas }, i);
      mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
      const smooth = mean / (1 - SMOOTHING ** (i + 1));
      const least = Math.min(...losses);
      // A few batches that happen to be easy do not make the next ones an explosion.
      const settled = i > steps * SETTLING;
      if (!Number.isFinite(loss) || (settled && smooth - least > RISE * Math.abs(least))) break;
      rates.push(lr);
      losses.push(smooth);
    }
    return { suggestion: steepest(rates, losses), rates, losses };
  } finally {
    await feed.close();
    step.dispose();
    before.restore();
  }
}

/** Over a tenth of the rates on each side, in which the noise of single batches is small beside the fall. */
function steepest(rates: readonly number[], losses: readonly number[]): number | undefined {
  const reach = Math.max(1, Math.round(losses.length * SETTLING));
  let [at, slope] = [-1, 0];
  for (let i = 2 * reach; i + reach < losses.length; i++) {
    const own = losses[i + reach]! - losses[i - reach]!;
    if (own < slope) [at, slope] = [i, own];
  }
  return rates[at];
}

/**
 * Doubles the batch until memory or the data does not suffice. The module is left as it was.
 *
 * @returns the largest that took a step
 * @throws Error when not even the first one does
 */
export async function findBatchSize(
  module: TrainingModule & BatchSource,
  options: CheckedOptions,
  { from = 2, to = 8192 } = {},
): Promise<number> {
  const before = new Snapshot(module);
  let found: number | undefined;
  for (let batchSize = from; batchSize <= to; batchSize *= 2) {
    if (module.trainBatchCount?.(batchSize) === 0) break;
    const feed = new Feed(module, { ...options, batchSize }, 1);
    const step = new Step(module, { ...options, accumulateGradBatches: 1 });
    try {
      const lambdas = module.regularization?.lambdas(0) ?? [];
      await step.train(await feed.next(), { lr: options.optimizer.lr, lambdas }, 0);
      found = batchSize;
    } catch (error) {
      if (!(error instanceof OutOfMemoryError) || found === undefined) throw error;
      break;
    } finally {
      await feed.close();
      step.dispose();
      before.restore();
    }
  }
  if (found === undefined) throw new Error(`The data serves no batch of ${from}; give a smaller \`from\`.`);
  return found;
}
