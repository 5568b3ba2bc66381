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

export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/** Which batches are asked for. A batch is a function of what stands here and its number, so a resumed run goes on by position. */
export interface BatchRequest {
  batchSize: number;
  seed: number;
  /** Pass over the data, from 0. */
  pass: number;
  /** The first batch of the pass to serve. Default 0. */
  from?: number;
  /** The optimizer step, since training began, that a batch of this pass is used in: moves a curriculum. */
  stepOf?: (batch: number) => number;
  /** This process among `worldSize`. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
}

export interface TrainingLoss {
  loss: tf.Scalar;
  /**
   * 1 for each dataset that has samples in the batch, else 0, `[datasets]`; parameters of an absent dataset are left
   * alone in the step.
   */
  present: tf.Tensor1D;
}

/** What the trainer trains: parameters, batches, a loss, and running sums that make the metrics. */
export interface TrainingModule {
  /** All that the optimizer steps. */
  readonly parameters: readonly Parameter[];
  /** What is saved with the parameters but not trained. */
  readonly state: readonly Parameter[];
  /** Penalties added to the loss, and what holds parameters after a step. Default: none. */
  readonly regularization?: Regularization;
  /** Both configurations as resolved; kept in the run's folder and in every checkpoint. */
  readonly config: Readonly<Record<string, unknown>>;
  /** One pass over the training data, shuffled by seed and pass. */
  trainBatches(request: BatchRequest): Batches;
  /** How many batches a pass has. */
  trainBatchCount(batchSize: number, worldSize?: number): number;
  validationBatches(request: BatchRequest): Batches;
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
