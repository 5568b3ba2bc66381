import { z } from "zod";
import { ConfigError, check } from "../base/config";
import { OutOfMemoryError, tf } from "../engine";
import type { BatchSource, TrainingModule } from "../protocols/module";
import { BatchIterator } from "./batch-iterator";
import type { CheckedOptions } from "./options";
import { variablesOf } from "./run";
import { TrainingStep } from "./step/step";

/** A module's weights and state at one moment, kept outside of the device. */
class Snapshot {
  private readonly values: readonly { variable: tf.Variable; values: Float32Array }[];

  constructor(module: TrainingModule) {
    this.values = [...variablesOf(module).values()].map((variable) => ({
      variable,
      values: Float32Array.from(variable.dataSync()),
    }));
  }

  restore(): void {
    tf.tidy(() => {
      for (const { variable, values } of this.values) variable.assign(tf.tensor(values, variable.shape));
    });
  }
}

/** The result of a learning rate range test. */
export interface LearningRates {
  /** The rate at which the smoothed loss falls most steeply, as a first choice; undefined when it never falls. */
  readonly suggestion: number | undefined;
  readonly rates: readonly number[];
  /** The smoothed loss at each rate. */
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

/** The search ends when the smoothed loss exceeds its minimum by this many times the minimum. */
const RISE = 4;
/** The share of the steps in which the running mean settles, and over which a slope is measured. */
const SETTLING = 0.1;
/** The weight of the past in the running mean. */
const SMOOTHING = 0.9;
/** The least number of steps in which the running mean settles: the number of steps that it averages. */
const LEVELLING = 10;

/**
 * Runs the learning rate range test (Smith 2017, "Cyclical learning rates"): the rate grows from step to step, evenly
 * on a log axis, until the loss explodes. The module's weights are restored afterwards.
 *
 * @throws ConfigError for an invalid range
 */
export async function findLearningRate(
  module: TrainingModule,
  source: BatchSource,
  options: CheckedOptions,
  range: LearningRateRange = {},
): Promise<LearningRates> {
  const { from, to, steps } = check(ratesSchema, range, "findLearningRate");
  const before = new Snapshot(module);
  const feed = new BatchIterator(source, options, 1);
  const step = new TrainingStep(module, { ...options, accumulateGradBatches: 1 });
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
      // After a few easy batches, normal batches must not count as an explosion.
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

/**
 * Returns the rate with the steepest fall. The slope is measured over a tenth of the rates on each side, so that the
 * noise of single batches is small in comparison.
 */
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
 * Doubles the batch size until memory or the data is exhausted. The module's weights are restored afterwards.
 *
 * @returns the largest size that completed a step
 * @throws ConfigError for an invalid range, or when the data does not fill a batch of the first size
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
    const feed = new BatchIterator(source, { ...options, batchSize }, 1);
    const step = new TrainingStep(module, { ...options, accumulateGradBatches: 1 });
    try {
      const lambdas = module.regularization?.lambdas(0) ?? [];
      const { samples } = await step.train(await feed.next(), { lr: options.optimizer.lr, lambdas }, 0);
      // The data has fewer samples than this batch size, so larger sizes cannot be tried.
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
