import { product } from "../base/arrays/shape";
import type { tf } from "../engine";
import type { Measure } from "../metrics/measure";
import type { Regularization } from "../model/regularizers/regularization";
import type { Rng } from "../nn";
import type { Metrics } from "./events";
import type { Shard, ShardedParameter } from "./shard";

/** Variables by their names in checkpoints. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** The typed arrays that may be entries of a batch. */
export type TypedArray =
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
/** Numbers, booleans or strings in arrays of any depth. */
export type NestedArray = readonly (number | boolean | string | NestedArray | TypedArray)[];

/**
 * Numbers that are not yet in a tensor. Typed integer and byte arrays become int32 tensors and typed float arrays
 * float32. Plain and nested arrays get the type that `tf.tensor` gives them: float32, bool or string.
 */
export type ArrayValues = TypedArray | NestedArray;

/**
 * A batch as a source serves it. The first axis of every entry counts the samples of the batch. The last batch of a
 * pass may have fewer samples; each distinct shape compiles its own step. An array becomes a tensor for the step. A
 * tensor is used as it is, and its owner disposes it.
 */
export type Batch = Readonly<Record<string, ArrayValues | tf.Tensor>>;
/** The same batch as tensors, inside a compiled step. */
export type TracedBatch = Readonly<Record<string, tf.Tensor>>;
/** One pass over some data. It may be produced lazily. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * The request for a pass of batches. Each batch depends only on these fields and its position, so that a resumed run
 * can continue at a position.
 */
export interface BatchRequest {
  batchSize: number;
  seed: number;
  /** The pass over the data, counted from 0. */
  pass: number;
  /** The first batch of the pass to serve. Default 0. */
  from?: number;
  /**
   * Returns the optimizer step, counted since training began, in which a batch of this pass is used. Curricula depend
   * on it.
   */
  stepOf?: (batch: number) => number;
  /** The number of this process among `worldSize` processes. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
  /** The largest number of batches of a validation, in units of `batchSize` samples; only set for a module with a `shard`. Default: all. */
  limit?: number;
}

/** A source of batches. */
export interface BatchSource {
  /** Returns one pass over the training data, shuffled by seed and pass. */
  trainBatches(request: BatchRequest): Batches;
  /** Returns the number of batches in a pass. Without this method the trainer needs `stepsPerEpoch`. */
  trainBatchCount?(batchSize: number, worldSize?: number): number;
  /** Returns the validation batches. Default: no validation. */
  validationBatches?(request: BatchRequest): Batches;
  /** Returns the batches of `trainer.test`. Default: testing is not possible. */
  testBatches?(request: BatchRequest): Batches;
  /** The factory from which another process makes the same source. Without it, the source serves this process only. */
  readonly recipe?: FactoryReference;
  /** Returns the number of batches in a validation. Default: they are counted when a share of them is requested. */
  validationBatchCount?(batchSize: number): number;
}

/** A trained tensor. */
export interface TrainedParameter {
  /** The name in checkpoints and patterns, such as `readouts.0.features.weight`. */
  readonly name: string;
  readonly variable: tf.Variable;
  /** The parameter group. The core may have its own learning rate. Default "head". */
  readonly group?: "core" | "head";
  /** Whether weight decay applies. Default: true for parameters with more than one dimension. */
  readonly decay?: boolean;
  /** The dataset that the parameter belongs to. A batch without samples of that dataset does not change it. */
  readonly dataset?: number;
}

/**
 * Reports a scalar of a loss by name: `train_<name>` in training and `val_<name>` in validation, as means over samples.
 * Throws ConfigError for a name that is already used, or a value that is not a scalar tensor.
 */
export type Log = (name: string, value: tf.Tensor) => void;

/** The loss of a module on a batch, with its metrics and weights. */
export interface TrainingLoss {
  /**
   * The number that the optimizer minimises: the mean over the samples of the batch, or one number for each sample,
   * `[B]`.
   */
  loss: tf.Scalar | tf.Tensor1D;
  /**
   * Scores to report with the loss: `train_<name>` over the samples since the last report, `val_<name>` over all
   * validation samples, and `test_<name>`. Each is a mean over the batch, one number for each sample, `[B]`, or a
   * measure such as `metrics.auc(...)`.
   */
  metrics?: Readonly<Record<string, tf.Scalar | tf.Tensor1D | Measure>>;
  /**
   * The number of samples in the means of `loss` and `metrics`. Means over several batches or processes weight each
   * batch by it. Default: the length of `loss`, or else the length of the first axis of the batch's entries. For a
   * padded batch, give means over the real samples and their number here.
   */
  samples?: tf.Scalar;
  /**
   * 1 for each dataset that has samples in the batch, else 0, `[D]`. The step leaves parameters of an absent dataset
   * unchanged. Default: one dataset, always present.
   */
  present?: tf.Tensor1D;
  /** The loss of each dataset, `[D]`. Values that are not finite are reported with the name of the dataset. */
  datasetLoss?: tf.Tensor1D;
  /**
   * The weight of each entry of `datasetLoss`, `[D]`: the size of the set over which it is a mean. Several processes
   * weight their losses by it.
   */
  weight?: tf.Tensor1D;
  /** The part of `loss` beyond the mean of `datasetLoss`: a mean over `weight` samples. */
  auxiliary?: { loss: tf.Scalar; weight: tf.Scalar };
}

/**
 * A reference to a function or class of a module, such as one that makes the training module. Workers receive it
 * because a closure cannot be sent to another process.
 */
export interface FactoryReference {
  /** The absolute path of the module's file. */
  readonly module: string;
  /** The name of the export: a function or a class. */
  readonly name: string;
  /** The only argument of the function or class, as JSON. */
  readonly options: unknown;
}

/** @deprecated The former name of {@link FactoryReference}. */
export type Recipe = FactoryReference;

/**
 * The object that the trainer trains. Only the parameters and a loss are required. Batches can be passed to `fit`
 * instead, and without `validationSums` the validation metrics are the loss and its metrics over all validation
 * samples.
 *
 * @example
 * const w = tf.variable(tf.zeros([64, 10]));
 * const module: TrainingModule = {
 *   parameters: [{ name: "w", variable: w }],
 *   loss: ({ x, y }) => ({ loss: tf.losses.softmaxCrossEntropy(tf.oneHot(y, 10), tf.matMul(x, w)) }),
 * };
 */
export interface TrainingModule extends Partial<BatchSource> {
  /** All parameters that the optimizer updates. */
  readonly parameters: readonly TrainedParameter[];
  /**
   * Computes the loss of a batch. The function is traced: numbers that change between steps must come from the batch.
   *
   * @param rng random numbers for a training step, for example for dropout; undefined in validation
   * @param log reports a scalar by name, as if it were in `metrics`
   */
  loss(batch: TracedBatch, rng: Rng | undefined, log: Log): TrainingLoss;
  /** Variables that are saved with the parameters but not trained. Default: none. */
  readonly state?: readonly TrainedParameter[];
  /** The names of the D datasets, for reports. */
  readonly datasets?: readonly string[];
  /** Set if the module has only some of the datasets, and other processes have the others. Default: it has all of them. */
  readonly shard?: Shard | undefined;
  /**
   * Penalties that are added to the loss, and projections that are applied to parameters after a step. Default: none.
   */
  readonly regularization?: Pick<Regularization, "lambdas" | "penalty" | "constraints" | "unmatched"> &
    Partial<Pick<Regularization, "penalties" | "unmatchedIn">>;
  /**
   * The factory from which another process makes the same module. Without it, the module trains in this process only.
   */
  readonly recipe?: FactoryReference;
  /** Both resolved configurations. They are saved in the run's folder and in every checkpoint. Default: empty. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Computes a tensor of sums over the batch that can be added up over batches. Traced. */
  validationSums?(batch: TracedBatch): tf.Tensor;
  /** Computes the metrics of all validation batches from the added sums. Required with `validationSums`. */
  validationMetrics?(sums: Float64Array): Metrics;
  /** Computes the output that `trainer.predict` collects, `[B, ...]`. Traced. */
  forward?(batch: TracedBatch): tf.Tensor;
}

/**
 * A training module that is made only in the processes that train it. With several `devices` the process that calls `fit` then needs no
 * memory for its data.
 */
export interface DeferredModule {
  /** The factory from which another process makes the module. */
  readonly recipe: FactoryReference;
  /** The names of the datasets. Default: unknown. */
  readonly datasets?: readonly string[];
  /** Makes the module in this process. */
  make(): Promise<TrainingModule>;
}

/** Whether a module has yet to be made. */
export const isDeferred = (module: TrainingModule | DeferredModule): module is DeferredModule =>
  "make" in module;

/** Returns the name and the shape of every parameter, including those that only other processes have. */
export function allParameters({
  shard,
  parameters,
}: Pick<TrainingModule, "parameters" | "shard">): readonly ShardedParameter[] {
  return shard?.parameters ?? parameters.map(({ name, variable: { shape } }) => ({ name, shape }));
}

/** Returns the number of values of all parameters, including those that only other processes have. */
export function parameterCount(module: Pick<TrainingModule, "parameters" | "shard">): number {
  return allParameters(module).reduce((sum, { shape }) => sum + product(shape), 0);
}

/** Whether only this process has a parameter or a state of a module. */
export function isOwn(
  { shard }: Pick<TrainingModule, "shard">,
  { dataset }: Pick<TrainedParameter, "dataset">,
): boolean {
  return shard !== undefined && dataset !== undefined;
}
