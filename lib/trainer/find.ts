import { z } from "zod";
import { ConfigError, check } from "../base/config";
import { OutOfMemoryError } from "../engine";
import type { BatchSource, TrainingModule } from "../protocols/module";
import { Snapshot } from "./checkpoint/snapshot";
import { Feed } from "./feed";
import type { CheckedOptions } from "./options";
import { Step } from "./step/step";

export interface LearningRates {
  /** Where the smoothed loss falls most steeply: a rate to begin with; undefined when it falls nowhere. */
  readonly suggestion: number | undefined;
  readonly rates: readonly number[];
  /** The loss at each rate, smoothed. */
  readonly losses: readonly number[];
}

/** The rates of a range test; the defaults are those of the schema below. */
export interface LearningRateRange {
  /** The first rate. Default 1e-6. */
  from?: number;
  /** The last rate. Default 1. */
  to?: number;
  /** Training steps, at least 2. Default 100. */
  steps?: number;
}

/** The batch sizes of a search. */
export interface BatchSizeRange {
  /** The first size. Default 2. */
  from?: number;
  /** The largest size to try. Default 8192. */
  to?: number;
}

const ordered = ({ from, to }: { from: number; to: number }) => from < to;

const ratesSchema = z
  .strictObject({
    from: z.number().positive().default(1e-6),
    to: z.number().positive().default(1),
    steps: z.int().min(2, "must be at least 2: the first rate and the last one").default(100),
  })
  .refine(ordered, { path: ["to"], error: "must be above `from`" });

const sizesSchema = z
  .strictObject({ from: z.int().positive().default(2), to: z.int().positive().default(8192) })
  .refine((range) => range.from === range.to || ordered(range), {
    path: ["to"],
    error: "must not be below `from`",
  });

/** How far the loss may rise over its least before the search ends. */
const RISE = 4;
/** The share of the steps in which the running mean finds its level, and over which a slope is read. */
const SETTLING = 0.1;
/** The weight of the past in the running mean. */
const SMOOTHING = 0.9;
/** The fewest steps in which the running mean finds its level: those that it averages over. */
const LEVELLING = 10;

/**
 * The range test (Smith 2017, "Cyclical learning rates"): the rate grows from step to step, evenly on a log axis, until the
 * loss explodes. The module is left as it was.
 *
 * @throws ConfigError for a range that is none
 */
export async function findLearningRate(
  module: TrainingModule,
  source: BatchSource,
  options: CheckedOptions,
  range: LearningRateRange = {},
): Promise<LearningRates> {
  const { from, to, steps } = check(ratesSchema, range, "findLearningRate");
  const before = new Snapshot(module);
  const feed = new Feed(source, options, 1);
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
      const settled = i > Math.max(LEVELLING, steps * SETTLING);
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
 * @throws ConfigError for a range that is none, or when the data does not fill a batch of the first size
 * @throws OutOfMemoryError when memory does not suffice for the first size
 */
export async function findBatchSize(
  module: TrainingModule,
  source: BatchSource,
  options: CheckedOptions,
  range: BatchSizeRange = {},
): Promise<number> {
  const { from, to } = check(sizesSchema, range, "findBatchSize");
  const before = new Snapshot(module);
  let found: number | undefined;
  for (let batchSize = from; batchSize <= to; batchSize *= 2) {
    if (source.trainBatchCount?.(batchSize) === 0) break;
    const feed = new Feed(source, { ...options, batchSize }, 1);
    const step = new Step(module, { ...options, accumulateGradBatches: 1 });
    try {
      const lambdas = module.regularization?.lambdas(0) ?? [];
      const { samples } = await step.train(await feed.next(), { lr: options.optimizer.lr, lambdas }, 0);
      // The data has fewer samples than that: a larger batch would not be tried at all.
      if (samples < batchSize) break;
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
  if (found === undefined) {
    const message = `the data serves no batch of ${from}; give a smaller one`;
    throw new ConfigError("findBatchSize", [{ path: "from", message }]);
  }
  return found;
}
