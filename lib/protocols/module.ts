import type { tf } from "../engine";
import type { Measure } from "../metrics/measure";
import type { Regularization } from "../model/regularizers/regularization";
import type { DrawsLike } from "../nn";
import type { Metrics } from "./events";

/** Variables by the names that they have in checkpoints. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array;
type NestedArray = readonly (number | boolean | string | NestedArray | TypedArray)[];

/**
 * Numbers outside of a tensor. In a tensor, integers and bytes become int32, floats float32, plain and nested arrays what
 * `tf.tensor` makes of them: float32, bool or string.
 */
export type ArrayValues = TypedArray | NestedArray;

/**
 * A batch as it is served. The first axis of every entry counts the batch's samples, of which the last batch of a pass may have
 * fewer: each shape compiles a step of its own. An array becomes a tensor for the step; a tensor is used as it is, and stays its
 * owner's to dispose.
 */
export type Batch = Readonly<Record<string, ArrayValues | tf.Tensor>>;
/** The same batch inside a compiled step, as tensors. */
export type TracedBatch = Readonly<Record<string, tf.Tensor>>;
/** A pass over some data; it may be made as it is asked for. */
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

/** Where batches come from. */
export interface BatchSource {
  /** One pass over the training data, shuffled by seed and pass. */
  trainBatches(request: BatchRequest): Batches;
  /** How many batches a pass has. Where that is not known, the trainer needs `stepsPerEpoch`. */
  trainBatchCount?(batchSize: number, worldSize?: number): number;
  /** Default: nothing is validated. */
  validationBatches?(request: BatchRequest): Batches;
  /** The batches of `trainer.test`. Default: nothing can be tested. */
  testBatches?(request: BatchRequest): Batches;
  /** How another process makes the same source; without it, it serves this process only. */
  readonly recipe?: Recipe;
  /** How many batches a validation has. Default: they are counted, where a share of them is asked for. */
  validationBatchCount?(batchSize: number): number;
}

/** A trained tensor. */
export interface TrainedParameter {
  /** What checkpoints and patterns know it by, such as `readouts.0.features.weight`. */
  readonly name: string;
  readonly variable: tf.Variable;
  /** The core may have its own learning rate. Default "head". */
  readonly group?: "core" | "head";
  /** Whether weight decay touches it. Default: where it has more than one dimension. */
  readonly decay?: boolean;
  /** The dataset it belongs to; a batch without that dataset leaves it alone. */
  readonly dataset?: number;
}

/**
 * Reports a scalar of a loss by its name: in training as `train_<name>`, in validation as `val_<name>`, means over samples.
 * Throws ConfigError for a name that is taken, or a value that is no scalar tensor.
 */
export type Log = (name: string, value: tf.Tensor) => void;

/** What a module says of a batch. */
export interface TrainingLoss {
  /** The number that the optimizer makes smaller: the mean over the batch's samples, or one number for each sample, `[B]`. */
  loss: tf.Scalar | tf.Tensor1D;
  /**
   * Scores to report beside the loss, as `train_<name>` of the samples since the last report, `val_<name>` of all validation
   * samples and `test_<name>`. Each is the mean over the batch, one number for each sample, `[B]`, or a measure such as
   * `metrics.auc(...)`.
   */
  metrics?: Readonly<Record<string, tf.Scalar | tf.Tensor1D | Measure>>;
  /**
   * The number of samples that `loss` and `metrics` are means over: means over several batches, and over processes, weigh each
   * batch by it. Default: the length of `loss`, or else of the first axis of the batch's entries. A batch that is padded gives
   * means over its real samples, and their number here.
   */
  samples?: tf.Scalar;
  /**
   * 1 for each dataset that has samples in the batch, else 0, `[D]`; parameters of an absent dataset are left alone in the
   * step. Default: there is one dataset, always present.
   */
  present?: tf.Tensor1D;
  /** The loss of each dataset, `[D]`; what is not finite is reported by its name. */
  datasetLoss?: tf.Tensor1D;
  /** What `datasetLoss` is a mean over, `[D]`: several processes weigh their losses by it. */
  weight?: tf.Tensor1D;
  /** What `loss` has beside the mean of `datasetLoss`: a mean over `weight` samples. */
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

/**
 * What the trainer trains. All but variables and a loss may be left out: batches may be given to `fit` instead, and without
 * `validationSums` the validation metrics are the loss and its metrics over all validation samples.
 *
 * @example
 * const w = tf.variable(tf.zeros([64, 10]));
 * const module: TrainingModule = {
 *   parameters: [{ name: "w", variable: w }],
 *   loss: ({ x, y }) => ({ loss: tf.losses.softmaxCrossEntropy(tf.oneHot(y, 10), tf.matMul(x, w)) }),
 * };
 */
export interface TrainingModule extends Partial<BatchSource> {
  /** All that the optimizer steps. */
  readonly parameters: readonly TrainedParameter[];
  /**
   * Traced: numbers that change between steps must come in through the batch.
   *
   * @param draws random numbers of a training step, for dropout or the like; not given in validation
   * @param log reports a scalar by name, as if it stood in `metrics`
   */
  loss(batch: TracedBatch, draws: DrawsLike | undefined, log: Log): TrainingLoss;
  /** What is saved with the parameters but not trained. Default: nothing. */
  readonly state?: readonly TrainedParameter[];
  /** Names of the D datasets, for reports. */
  readonly datasets?: readonly string[];
  /** Penalties added to the loss, and what holds parameters after a step. Default: none. */
  readonly regularization?: Pick<Regularization, "lambdas" | "penalty" | "constraints" | "unmatched">;
  /** How another process makes the same module; without it, it trains in this process only. */
  readonly recipe?: Recipe;
  /** Both configurations as resolved; kept in the run's folder and in every checkpoint. Default: empty. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Traced: a tensor of sums over the batch, which add up over batches. */
  validationSums?(batch: TracedBatch): tf.Tensor;
  /** The metrics of all validation batches from the added sums. Needed with `validationSums`. */
  validationMetrics?(sums: Float64Array): Metrics;
  /** Traced: what `trainer.predict` collects, `[B, ...]`. */
  forward?(batch: TracedBatch): tf.Tensor;
}
