import { Random } from "../base/random";
import type { Samples } from "../data/serving/samples";
import { tf } from "../engine";
import type { Model, ModelInput } from "../model";
import type { Regularization } from "../model/regularizers/regularization";
import type { DrawsLike, Parameter } from "../nn";
import type { Metrics } from "../protocols/events";
import type { Batch, BatchRequest, TracedBatch, TrainingLoss, TrainingModule } from "../protocols/module";
import { TwinObjective } from "./objective";

/** A batch on the device. */
export type ReadyBatch = Samples & TracedBatch;

/**
 * A model on a few batches that are in memory, served by turns: no sessions and no files, for benchmarks and tests of the
 * training step.
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

  /** Both are disposed with the module. */
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

  loss(batch: TracedBatch, draws?: DrawsLike): TrainingLoss {
    return this.objective.loss(batch as ReadyBatch, draws);
  }

  validationSums(batch: TracedBatch): tf.Tensor {
    return this.objective.validationSums(batch as ReadyBatch);
  }

  validationMetrics(sums: Float64Array): Metrics {
    return this.objective.validationMetrics(sums);
  }

  dispose(): void {
    tf.dispose([...this.batches]);
    this.model.dispose();
  }
}

/** Mean spikes per bin, and the share of bins that count, of random batches. */
const RATE = 0.3;
const VALID = 0.9;

/** How many random batches, and of what size. */
export interface RandomBatches {
  /** Samples of all sessions together, B. */
  batchSize: number;
  /** Batches, served by turns. Default 4. */
  count?: number;
  /** Of the noise. Default 1. */
  seed?: number;
  /** Bins of spike history. Default 0: none is there. */
  historyLags?: number;
}

/**
 * Batches of noise in the sizes of a model: uniform pixels, normal behaviour, Poisson counts, a mask per unit. The batch is
 * split over the sessions as evenly as it goes (32 over three: 11, 11, 10).
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
  { lags, height, width, units, behaviors = 0 }: ModelInput,
  size: number,
  historyLags: number,
  random: Random,
): ReadyBatch {
  const share = (session: number) => Math.floor((size + units.length - 1 - session) / units.length);
  const dataset = units.flatMap((_, session) => Array<number>(share(session)).fill(session));
  const sessionOf = units.flatMap((n, session) => Array<number>(n).fill(session));
  const draw = (shape: number[], value: () => number) =>
    tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value), shape);
  const ofUnits = (value: () => number) => {
    const values = dataset.flatMap((own) => sessionOf.map((session) => (session === own ? value() : 0)));
    return tf.tensor2d(values, [size, sessionOf.length]);
  };
  const behavior = () => draw([size, behaviors], () => random.normal()) as tf.Tensor2D;
  const history = () =>
    draw([size, historyLags, sessionOf.length], () => random.poisson(RATE)) as tf.Tensor3D;
  return {
    stim: draw([size, lags, height, width, 1], () => (random.below(256) - 127) / 255) as tf.Tensor5D,
    ...(behaviors > 0 ? { behavior: behavior() } : {}),
    dataset: tf.tensor1d(dataset, "int32"),
    robs: ofUnits(() => random.poisson(RATE)),
    mask: ofUnits(() => Number(random.uniform() < VALID)),
    eyepos: draw([size, 2], () => random.normal()) as tf.Tensor2D,
    ...(historyLags > 0 ? { history: history() } : {}),
  } as ReadyBatch;
}
