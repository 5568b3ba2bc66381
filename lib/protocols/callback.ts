import type { Metrics, Observer, Stopped, TrainerEvent } from "./events";
import type { BatchSource, NamedVariables, Recipe, TrainingModule } from "./module";

/** A picture that can be logged, such as a `Figure`. */
export interface Drawable {
  /** The picture as an SVG document. */
  svg(): string;
}

/** The checkpoints that the returned run can load. */
export interface Kept {
  best?: { path: string; score: number };
  last?: string;
}

/** What one batch came to. */
export interface BatchResult {
  /** Of the batch, before the step. */
  readonly loss: number;
  /** Norm of all gradients together, before clipping; 0 where the batch only added to the gradients of the next step. */
  readonly gradientNorm: number;
  /** False when a gradient was not finite, and no step was taken. */
  readonly finite: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  /** The samples of the batch, of all processes together. */
  readonly samples: number;
}

/** What a callback sees of a running fit, and may ask of it. */
export interface FitContext {
  readonly module: TrainingModule;
  /** Where the batches come from: the module, unless others were given to `fit`. */
  readonly source: BatchSource;
  /** Epochs from 0. */
  readonly epoch: number;
  /** Optimizer steps taken. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Samples in a batch, of each process. */
  readonly batchSize: number;
  /** The number of processes that train together. */
  readonly worldSize: number;
  /** The epochs there will be; a callback may lower it, and schedules follow. */
  maxEpochs: number;
  /** The base learning rate of this epoch. */
  readonly lr: number;
  /** The folder for checkpoints. */
  readonly checkpoints: string;
  /** Set by the callback that writes checkpoints. */
  readonly kept: Kept;
  /** All callbacks of the fit, in the order of their turns. */
  readonly callbacks: readonly Callback[];
  /**
   * Writes a checkpoint of this moment, atomically.
   *
   * @returns false when the disk refused it: the run goes on, with a warning, and what the path held is whole
   */
  save(path: string): boolean;
  /**
   * Parameters whose names `frozen` answers true for are left alone by the optimizer from the next step on.
   *
   * @param by who asks, such as the callback: it replaces what it asked before, and others' wishes stand
   */
  freeze(by: object, frozen: (name: string) => boolean): void;
  /** Ends the fit at the next batch boundary. */
  stop(reason: Stopped): void;
  /**
   * Reports a number, or a picture such as a `Figure`, beside what the trainer reports: in `events.jsonl`, to loggers, and for numbers
   * in curves. A picture is an SVG file below the run's folder, `pictures/NAME/step-000100.svg`. With several devices rank 0 reports.
   *
   * @throws ConfigError for another kind of value, or a name that is taken: by the trainer or its metrics, or by a value of the other
   * kind
   */
  log(name: string, value: number | Drawable): Promise<void>;
  emit(event: TrainerEvent): Promise<void>;
}

/** Something that takes part in a run, beside the tensors. Every hook is optional and awaited. */
export interface Callback {
  /** How another process makes the same callback: a class of a module, and its options. Needed with several `devices`. */
  readonly recipe?: Recipe;
  /** The metric that it will read: checked before the first step. */
  readonly monitor?: string | undefined;
  /** Whether lower ("min") or higher values of `monitor` are better. */
  readonly mode?: "min" | "max" | undefined;
  /** Writes checkpoints: its turn is after all others, whose state the checkpoint holds. */
  readonly checkpoints?: true;
  /**
   * What it needs to go on in a resumed run, as JSON; kept in checkpoints by its class, `monitor` and `mode`. It is also asked for before
   * the callback's first fit, to be restored before a later one that is not resumed.
   */
  state?(): unknown;
  /** Before `onFitStart`: of a resumed run with the state of its checkpoint, of another one with the state before the first fit. */
  restore?(state: unknown, context: FitContext): void;
  /**
   * Arrays that it needs to go on, kept in checkpoints by their names; one with the name of a weight is kept in its place. Asked for
   * after `restore`, to be filled.
   */
  variables?(module: TrainingModule): NamedVariables;
  onFitStart?(context: FitContext): void | Promise<void>;
  onTrainEpochStart?(context: FitContext): void | Promise<void>;
  onTrainBatchStart?(context: FitContext): void | Promise<void>;
  /** After the gradients of a step are known; the step has been taken when they were finite. */
  onAfterBackward?(context: FitContext, result: BatchResult): void | Promise<void>;
  onTrainBatchEnd?(context: FitContext, result: BatchResult): void | Promise<void>;
  onTrainEpochEnd?(context: FitContext, trainLoss: number): void | Promise<void>;
  onValidationStart?(context: FitContext): void | Promise<void>;
  /** After each validation. */
  onValidationEnd?(context: FitContext, metrics: Metrics): void | Promise<void>;
  /** Before `fit` returns, however it ended; not after an error. */
  onFitEnd?(context: FitContext): void | Promise<void>;
  onException?(context: FitContext, error: unknown): void | Promise<void>;
  /** The last one, also after an error: gives back what it took. */
  teardown?(context: FitContext): void | Promise<void>;
}

export type Hook = Exclude<
  keyof Callback,
  "recipe" | "monitor" | "mode" | "checkpoints" | "state" | "restore" | "variables"
>;

/** Reads a monitored metric. @throws Error that lists the metrics there are */
export function monitored(metrics: Metrics, monitor: string): number {
  const value = metrics[monitor];
  if (typeof value === "number") return value;
  throw new Error(
    `There is no metric "${monitor}" to monitor; there are: ${Object.keys(metrics).join(", ")}.`,
  );
}

export const isObserver = (callback: Callback | Observer): callback is Observer => "observe" in callback;
