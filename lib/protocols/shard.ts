/** A parameter of a module that has all datasets. */
export interface ShardedParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The part of a training module that is in this process, when its datasets are divided among the processes that train together.
 *
 * Such a module has the parameters and the state of its own datasets, under the names and the `dataset` numbers that they have among all
 * D datasets, and those without a `dataset`, which all processes have. Its batches have samples of its own datasets, and its
 * `validationSums` are those of its own datasets. Its `loss` returns `present`, `datasetLoss` and `weight` for all D datasets, with zeros for
 * those of other processes.
 */
export interface Shard {
  /** The facts about this part that the other processes need; plain data. */
  readonly facts: unknown;
  /**
   * Receives the facts of all parts, in the order of ranks, before a fit uses batches or metrics of the module.
   *
   * @throws ConfigError when the parts do not form one module
   */
  connect(facts: readonly unknown[]): void;
  /** All parameters of all parts, in the order of a module that has all datasets. Known after `connect`. */
  readonly parameters: readonly ShardedParameter[];
  /** Joins the validation sums of all parts, in the order of ranks, to those of a module that has all datasets. */
  joinSums(parts: readonly Float64Array[]): Float64Array;
}
