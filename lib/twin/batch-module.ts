import { product } from "../base/arrays/shape";
import { Random } from "../base/random";
import type { Samples } from "../data/serving/resident";
import { tf } from "../engine";
import type { Model, ModelInput } from "../model";
import type { Regularization } from "../model/regularizers/regularization";
import type { Parameter, Rng } from "../nn";
import type { Metrics } from "../protocols/events";
import type { Batch, BatchRequest, TracedBatch, TrainingLoss, TrainingModule } from "../protocols/module";
import { TwinObjective } from "./objective";

/** A batch on the device. */
export type ReadyBatch = Samples & TracedBatch;

/**
 * A training module that serves a few batches from memory in rotation. It needs no sessions and no files, for
 * benchmarks and tests of the training step.
 *
 * @example
 * const input = { lags: 12, height: 21, width: 21, units: [30, 30, 30], behaviors: 10 };
 * const model = buildModel(readModelConfig("model.yaml"), input, 0);
 * const module = new BatchModule(model, randomBatches(input, { batchSize: 32 }));
 * await new Trainer({ maxEpochs: 1, stepsPerEpoch: 60, batchSize: 32 }).fit(module);
 */
export class BatchModule implements TrainingModule {
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];
  readonly regularization: Regularization;
  readonly config: Readonly<Record<string, unknown>>;
  readonly datasets: readonly string[];
  private readonly objective: TwinObjective;

  /** The module disposes the model and the batches. */
  constructor(
    readonly model: Model,
    private readonly batches: readonly ReadyBatch[],
  ) {
    this.parameters = model.parameters;
    this.state = model.state;
    this.regularization = model.regularization;
    this.config = { model: model.config };
    this.datasets = model.input.units.map((_, session) => `session_${session}`);
    this.objective = new TwinObjective(model, this.datasets);
  }

  trainBatchCount(): number {
    return this.batches.length;
  }

  *trainBatches({ from = 0 }: Partial<BatchRequest> = {}): Iterable<Batch> {
    yield* this.batches.slice(from);
  }

  validationBatches(): Iterable<Batch> {
    return this.trainBatches();
  }

  loss(batch: TracedBatch, rng?: Rng): TrainingLoss {
    return this.objective.loss(batch as ReadyBatch, rng);
  }

  validationSums(batch: TracedBatch): tf.Tensor {
    return this.objective.validationSums(batch as ReadyBatch);
  }

  validationMetrics(sums: Float64Array): Metrics {
    return this.objective.validationMetrics(sums);
  }

  /** Frees the tensors. The object cannot be used afterwards. */
  dispose(): void {
    tf.dispose([...this.batches]);
    this.model.dispose();
  }
}

/** The mean number of spikes per bin, and the share of valid bins, in random batches. */
const RATE = 0.3;
const VALID = 0.9;

/** The options of `randomBatches`. */
export interface RandomBatches {
  /** The number of samples of all sessions together, B. */
  batchSize: number;
  /** The number of batches, served in rotation. Default 4. */
  count?: number;
  /** The seed of the noise. Default 1. */
  seed?: number;
  /** The number of bins of spike history. Default 0: no history. */
  historyLags?: number;
}

/**
 * Makes batches of noise for the input of a model: uniform pixels, normal behaviour, Poisson counts, a mask for each unit. Counts and
 * masks are `[B, U]` for the units of each sample's session, where U is the largest number of units of a session. The batch is split over
 * the sessions as evenly as possible (32 over three: 11, 11, 10).
 */
export function randomBatches(
  input: ModelInput,
  { batchSize, count = 4, seed = 1, historyLags = 0 }: RandomBatches,
): ReadyBatch[] {
  return Array.from({ length: count }, (_, i) =>
    randomBatch(input, batchSize, historyLags, new Random(seed, `batch ${i}`)),
  );
}

function randomBatch(
  { lags, height, width, channels = 1, units, behaviors = 0 }: ModelInput,
  size: number,
  historyLags: number,
  random: Random,
): ReadyBatch {
  const share = (session: number) => Math.floor((size + units.length - 1 - session) / units.length);
  const dataset = units.flatMap((_, session) => Array<number>(share(session)).fill(session));
  const columns = Math.max(...units);
  const draw = (shape: number[], value: () => number) =>
    tf.tensor(Float32Array.from({ length: product(shape) }, value), shape);
  /** Draws rows for each sample's session; 0 in columns that are not its units. */
  const ofUnits = (rows: number, value: () => number) => {
    const values = new Float32Array(size * rows * columns);
    dataset.forEach((session, sample) => {
      for (let row = sample * rows; row < (sample + 1) * rows; row++)
        for (let unit = 0; unit < units[session]!; unit++) values[row * columns + unit] = value();
    });
    return values;
  };
  const behavior = () => draw([size, behaviors], () => random.normal()) as tf.Tensor2D;
  const history = () =>
    tf.tensor3d(
      ofUnits(historyLags, () => random.poisson(RATE)),
      [size, historyLags, columns],
    );
  return {
    stim: draw([size, lags, height, width, channels], () => (random.below(256) - 127) / 255) as tf.Tensor5D,
    ...(behaviors > 0 ? { behavior: behavior() } : {}),
    dataset: tf.tensor1d(dataset, "int32"),
    robs: tf.tensor2d(
      ofUnits(1, () => random.poisson(RATE)),
      [size, columns],
    ),
    mask: tf.tensor2d(
      ofUnits(1, () => Number(random.uniform() < VALID)),
      [size, columns],
    ),
    eyepos: draw([size, 2], () => random.normal()) as tf.Tensor2D,
    ...(historyLags > 0 ? { history: history() } : {}),
  } as ReadyBatch;
}
