import type { tf } from "../engine";
import type { DrawsLike, Parameter } from "../nn";
import type { Regularization } from "../regularizers/regularization";
import type { Metrics } from "./events";

/**
 * A batch as it is served, each entry of the same shape and type in every batch, so that one step is compiled. An int32
 * array becomes a tensor for the step; a tensor is used as it is, and stays its module's to dispose.
 */
export type Batch = Readonly<Record<string, Int32Array | tf.Tensor>>;
/** The same batch inside a compiled step; int32 arrays have become `[length]`. */
export type TracedBatch = Readonly<Record<string, tf.Tensor>>;

export interface TrainingLoss {
  loss: tf.Scalar;
  /**
   * 1 for each dataset that has samples in the batch, else 0, `[datasets]`; parameters of an absent dataset are left
   * alone in the step.
   */
  present: tf.Tensor1D;
  /** The loss of each dataset, `[D]`, whose mean `loss` is; what is not finite is left out of it. */
  datasetLoss?: tf.Tensor1D;
  /** What `datasetLoss` is a mean over, `[D]`: several processes weigh their losses by it. */
  weight?: tf.Tensor1D;
  /** What `loss` has beside that mean: a mean over `weight` samples. */
  auxiliary?: { loss: tf.Scalar; weight: tf.Scalar };
}

/** A function of a module, such as one that makes what is trained: what a worker is told instead of a closure. */
export interface Recipe {
  /** The module's file, absolute. */
  readonly module: string;
  /** What it exports: a function, or a class. */
  readonly name: string;
  /** Its only argument, as JSON. */
  readonly options: unknown;
}

/** What the trainer trains: parameters, batches, a loss, and running sums that make the metrics. */
export interface TrainingModule {
  /** All that the optimizer steps. */
  readonly parameters: readonly Parameter[];
  /** What is saved with the parameters but not trained. */
  readonly state: readonly Parameter[];
  /** Penalties added to the loss, and what holds parameters after a step. Default: none. */
  readonly regularization?: Regularization;
  /** How another process makes the same module; without it, it trains in this process only. */
  readonly recipe?: Recipe;
  /** Both configurations as resolved; kept in the run's folder and in every checkpoint. */
  readonly config: Readonly<Record<string, unknown>>;
  /** One pass over the training data, shuffled by seed and pass. */
  trainBatches(
    batchSize: number,
    seed: number,
    pass: number,
    process?: { rank: number; worldSize: number },
  ): Iterable<Batch>;
  /** How many batches a pass has. */
  trainBatchCount(batchSize: number, worldSize?: number): number;
  validationBatches(batchSize: number): Iterable<Batch>;
  /**
   * Traced: numbers that change between steps must come in through the batch.
   *
   * @param draws random numbers of the step, for a module with dropout or the like
   */
  loss(batch: TracedBatch, draws?: DrawsLike): TrainingLoss;
  /** Traced: a tensor of sums over the batch, which add up over batches. */
  validationSums(batch: TracedBatch): tf.Tensor;
  /** The metrics of all validation batches from the added sums. */
  validationMetrics(sums: Float64Array): Metrics;
}
