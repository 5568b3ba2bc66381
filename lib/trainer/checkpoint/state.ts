import type { EpochRecord, Metrics, Stopped } from "../../protocols/events";

/** The state that a checkpoint holds beside its arrays. */
export interface CheckpointState {
  format: 1;
  /** The current epoch, counted from 0. */
  epoch: number;
  /** The number of optimizer steps taken. */
  step: number;
  seed: number;
  metrics: Metrics;
  /** A record of each validation, and of the end of each epoch. */
  history: readonly EpochRecord[];
  /**
   * The number of batches taken of the epoch, the sum of the weighted finite losses, and the sum of their weights;
   * `validated`: the number of batches at the last validation in the middle of the epoch.
   */
  within: { batches: number; sum: number; counted: number; validated?: number };
  /** The position in the data. Samplers and random numbers are functions of it and the seed. */
  feed: BatchPosition;
  /** The units in which positions are counted; absent in checkpoints of version 0.1. */
  batching?: Batching;
  /** The seconds of training so far, over all resumptions. */
  seconds?: number;
  /** The reason why the run ended; absent if it was interrupted or continues. */
  ended?: Ended;
  /** The numbers of unusable batches: the most recent consecutive ones, and all. */
  bad: NonFiniteState;
  callbacks: readonly CallbackState[];
  /** The names of the datasets, in the order by which weights are numbered; absent if the module names none. */
  datasets?: readonly string[];
  /** Both resolved configurations. */
  config: unknown;
}

/** The position of a training in its data: everything that a resumed run needs to continue with the next batch. */
export interface BatchPosition {
  /** The pass over the data, counted from 0. */
  pass: number;
  /** The number of batches taken of this pass. */
  batch: number;
  /** The number of batches taken since training began. */
  taken: number;
}

/** The division of the data into batches, steps and epochs: the units in which a checkpoint counts. */
export interface Batching {
  /** The number of samples in a batch of one process. */
  readonly batchSize: number;
  readonly worldSize: number;
  /** The number of batches in a step. */
  readonly perStep: number;
  /** The number of steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** The number of batches that are trained on repeatedly, or 0 for all. */
  readonly overfitBatches: number;
  /** The seed of the order of the samples. */
  readonly seed: number;
}

/** The reason why a run ended by itself, as stored in its last checkpoint. */
export interface Ended {
  readonly stopped: Exclude<Stopped, "interrupted">;
  /** The callback that ended the run, with its options; absent if the trainer did. */
  readonly by?: { readonly key: string; readonly options: unknown };
}

/** The counts of unusable batches in a checkpoint. */
export interface NonFiniteState {
  /** The number of the most recent consecutive unusable batches, and of all. */
  inARow: number;
  total: number;
  /**
   * The number of consecutive non-finite losses of each dataset, over the batches that contain it; absent if there were
   * none.
   */
  datasets: Readonly<Record<string, number>>;
}

/**
 * The state that a callback needs to continue. A callback is identified by its class, its metric and mode if it has
 * them, and its number among the callbacks with the same class, metric and mode.
 */
export interface CallbackState {
  readonly name: string;
  /** Absent in checkpoints of version 0.1, where `number` counts all callbacks of the class. */
  readonly monitor?: string | null;
  readonly mode?: string | null;
  readonly number: number;
  readonly state: unknown;
}

/** The state of a checkpoint that contains only weights, such as that of a finished run. */
export const NOTHING_GOES_ON = {
  history: [],
  within: { batches: 0, sum: 0, counted: 0 },
  feed: { pass: 0, batch: 0, taken: 0 },
  bad: { inARow: 0, total: 0, datasets: {} },
  callbacks: [],
} as const;
