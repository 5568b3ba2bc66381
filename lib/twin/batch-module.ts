import { tf } from "../engine";
import type { Model, ModelInput } from "../model";
import type { DrawsLike, Parameter } from "../nn";
import { Random } from "../random";
import type { Regularization } from "../regularizers/regularization";
import type { Metrics } from "../trainer/events";
import type { Batch, TracedBatch, TrainingLoss, TrainingModule } from "../trainer/module";
import { type Samples, TwinObjective } from "./objective";

/** K batches of one size: the tensors of `Samples`, each with a first axis of K. */
export type ReadyBatches = { readonly [Name in keyof Samples]: tf.Tensor };

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
  private readonly objective: TwinObjective;

  /** Both are disposed with the module. */
  constructor(
    readonly model: Model,
    private readonly batches: ReadyBatches,
  ) {
    this.parameters = model.parameters;
    this.state = model.state;
    this.regularization = model.regularization;
    this.config = { model: model.config };
    this.objective = new TwinObjective(
      model,
      model.input.units.map((_, session) => `session_${session}`),
    );
  }

  trainBatchCount(): number {
    return this.batches.robs.shape[0]!;
  }

  *trainBatches(): Iterable<Batch> {
    for (let i = 0; i < this.trainBatchCount(); i++) yield { index: Int32Array.of(i) };
  }

  validationBatches(): Iterable<Batch> {
    return this.trainBatches();
  }

  loss({ index }: TracedBatch, draws?: DrawsLike): TrainingLoss {
    return this.objective.loss(this.samples(index!), draws);
  }

  validationSums({ index }: TracedBatch): tf.Tensor {
    return this.objective.validationSums(this.samples(index!));
  }

  validationMetrics(sums: Float64Array): Metrics {
    return this.objective.validationMetrics(sums);
  }

  dispose(): void {
    for (const tensor of Object.values(this.batches)) tensor.dispose();
    this.model.dispose();
  }

  /** One batch, by a number that only the step knows. */
  private samples(index: tf.Tensor1D): Samples {
    const chosen = Object.entries(this.batches).map(
      ([name, tensor]) => [name, tf.squeeze(tf.gather(tensor, index), [0])] as const,
    );
    return Object.fromEntries(chosen) as unknown as Samples;
  }
}

/** Mean spikes per bin, and the share of bins that count, of random batches. */
const RATE = 0.3;
const VALID = 0.9;

export interface RandomBatches {
  batchSize: number;
  /** K. Default 4. */
  count?: number;
  /** Default 1. */
  seed?: number;
  /** Bins of spike history. Default 0: none is there. */
  historyLags?: number;
}

/**
 * Batches of noise in the sizes of a model: uniform pixels, normal behaviour, Poisson counts, a mask per unit. The batch is
 * split over the sessions as evenly as it goes (32 over three: 11, 11, 10).
 */
export function randomBatches(
  { lags, height, width, units, behaviors = 0 }: ModelInput,
  { batchSize, count = 4, seed = 1, historyLags = 0 }: RandomBatches,
): ReadyBatches {
  const random = new Random(seed, "batches");
  const total = units.reduce((a, b) => a + b, 0);
  const sessionOf = units.flatMap((n, session) => Array<number>(n).fill(session));
  const share = (session: number) => Math.floor((batchSize + units.length - 1 - session) / units.length);
  const one = units.flatMap((_, session) => Array<number>(share(session)).fill(session));
  const dataset = Array.from({ length: count }, () => one).flat();
  const own = (draw: () => number) =>
    Float32Array.from({ length: dataset.length * total }, (_, i) =>
      sessionOf[i % total] === dataset[Math.floor(i / total)] ? draw() : 0,
    );
  const values = (size: number, draw: () => number) =>
    Float32Array.from({ length: count * batchSize * size }, draw);
  const [rows, pixels] = [[count, batchSize], lags * height * width];
  return {
    stim: tf.tensor(values(pixels, () => (random.below(256) - 127) / 255), [...rows, lags, height, width, 1]), // biome-ignore format: one line
    ...(behaviors > 0
      ? { behavior: tf.tensor(values(behaviors, () => random.normal()), [...rows, behaviors]) } // biome-ignore format: one line
      : {}),
    dataset: tf.tensor(dataset, rows, "int32"),
    robs: tf.tensor(own(() => random.poisson(RATE)), [...rows, total]), // biome-ignore format: one line
    mask: tf.tensor(own(() => Number(random.uniform() < VALID)), [...rows, total]), // biome-ignore format: one line
    eyepos: tf.tensor(values(2, () => random.normal()), [...rows, 2]), // biome-ignore format: one line
    ...(historyLags > 0
      ? { history: tf.tensor(values(historyLags * total, () => random.poisson(RATE)), [...rows, historyLags, total]) } // biome-ignore format: one line
      : {}),
  };
}
