import type { EpochRecord, Metrics, Stopped } from "../../protocols/events";

/** The state that a checkpoint holds beside its arrays. */
export interface CheckpointState {
  format: 1;
  /** Epochs from 0; the one that was going on. */
  epoch: number;
  /** Optimizer steps taken. */
  step: number;
  seed: number;
  metrics: Metrics;
  /** A record of each validation, and of the end of each epoch. */
  history: readonly EpochRecord[];
  /**
   * Batches taken of the epoch, the sum of the finite losses, and how many these are; `validated`: the batches at the last validation
   * in the middle of the epoch.
   */
  within: { batches: number; sum: number; counted: number; validated?: number };
  /** The place in the data. Samplers and random numbers are functions of it and the seed. */
  feed: BatchPosition;
  /** The units in which places are counted; absent in checkpoints of version 0.1. */
  batching?: Batching;
  /** Seconds of training so far, over all resumptions. */
  seconds?: number;
  /** Why the run ended; absent where it was interrupted or goes on. */
  ended?: Ended;
  /** Batches that could not be used: the last ones, and all. */
  bad: NonFiniteState;
  callbacks: readonly CallbackState[];
  /** Names of the datasets, in the order that weights are numbered by; absent where the module names none. */
  datasets?: readonly string[];
  /** Both configurations as resolved. */
  config: unknown;
}

/** The position of a training in its data: all that a resumed one needs to continue with the next batch. */
export interface BatchPosition {
  /** Pass over the data, from 0. */
  pass: number;
  /** Batches taken of this pass. */
  batch: number;
  /** Batches taken since training began. */
  taken: number;
}

/** How a run takes its data: the units in which a checkpoint counts. */
export interface Batching {
  /** Samples in a batch of one process. */
  readonly batchSize: number;
  readonly worldSize: number;
  /** Batches of a step. */
  readonly perStep: number;
  /** Steps of an epoch. */
  readonly stepsPerEpoch: number;
  /** Batches that are trained on again and again, or 0 for all. */
  readonly overfitBatches: number;
  /** The seed of the samples' order. */
  readonly seed: number;
}

/** Why a run ended by itself, as its last checkpoint keeps it. */
export interface Ended {
  readonly stopped: Exclude<Stopped, "interrupted">;
  /** The callback that ended it, with its options; absent where the trainer did. */
  readonly by?: { readonly key: string; readonly options: unknown };
}

/** The counts of bad batches in a checkpoint. */
export interface NonFiniteState {
  /** The last batches that could not be used, and all. */
  inARow: number;
  total: number;
  /** How often each dataset's loss was not finite in a row, of the batches that have it; absent where it never was. */
  datasets: Readonly<Record<string, number>>;
}

/**
 * The state that a callback needs to continue. A callback is identified by its class, its metric and mode where it has them, and its number among those of the same
 * class, metric and mode.
 */
export interface CallbackState {
  readonly name: string;
  /** Absent in checkpoints of version 0.1, where `number` counts all of the class. */
  readonly monitor?: string | null;
  readonly mode?: string | null;
  readonly number: number;
  readonly state: unknown;
}

/** The state of a checkpoint that holds weights alone, such as that of a finished run. */
export const NOTHING_GOES_ON = {
  history: [],
  within: { batches: 0, sum: 0, counted: 0 },
  feed: { pass: 0, batch: 0, taken: 0 },
  bad: { inARow: 0, total: 0, datasets: {} },
  callbacks: [],
} as const;
