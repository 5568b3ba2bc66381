import type { Metrics, Observer, Stopped, TrainerEvent } from "./events";
import type { BatchSource, FactoryReference, NamedVariables, TrainingModule } from "./module";

/** A picture that can be logged, such as a `Figure`. */
export interface Drawable {
  /** The picture as an SVG document. */
  svg(): string;
}

/** The checkpoints that the returned run can load. */
export interface KeptCheckpoints {
  best?: { path: string; score: number };
  last?: string;
  /** The reason why there is no best checkpoint so far, and the remedy; for the error of `run.load("best")`. */
  noBest?: string;
}

/** The results of one batch. */
export interface BatchResult {
  /** The loss of the batch before the step, without the regularizers' penalties. */
  readonly loss: number;
  /** The regularizers' penalties, which are added to the loss; 0 without any. */
  readonly penalty: number;
  /**
   * The norm of all gradients together, before clipping. 0 when the batch only accumulated gradients for the next step.
   */
  readonly gradientNorm: number;
  /** False when a gradient was not finite and the step was skipped. */
  readonly finite: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  /** The number of samples in the batch, over all processes. */
  readonly samples: number;
}

/** The state of a running fit, as callbacks see it, and the actions that they can request. */
export interface FitContext {
  readonly module: TrainingModule;
  /** The source of the batches: the module, unless another source was passed to `fit`. */
  readonly source: BatchSource;
  /** The current epoch, counted from 0. */
  readonly epoch: number;
  /** The number of optimizer steps taken. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** The number of samples in a batch of each process. */
  readonly batchSize: number;
  /** The number of this process among those that train together, from 0. Only rank 0 has observers; the others may have no folder. */
  readonly rank: number;
  /** The number of processes that train together. */
  readonly worldSize: number;
  /**
   * The seconds of training, over all resumptions. In several processes this is the clock of rank 0 as of the last batch, so that all of
   * them decide alike.
   */
  readonly seconds: number;
  /** The number of epochs planned. A callback may lower it, and schedules follow. */
  maxEpochs: number;
  /** The base learning rate of this epoch. */
  readonly lr: number;
  /** The folder for checkpoints. */
  readonly checkpoints: string;
  /** The kept checkpoints. The callback that writes checkpoints sets this. */
  readonly kept: KeptCheckpoints;
  /** All callbacks of the fit, in the order in which they are called. */
  readonly callbacks: readonly Callback[];
  /**
   * Writes a checkpoint of the current state, atomically. With `shard: "sessions"` the processes gather their weights for it, so each of
   * them must call it at the same points of the training.
   *
   * @returns false when the file could not be written; the run continues with a warning, and an earlier file at the
   * path stays intact
   */
  save(path: string): boolean;
  /**
   * Excludes the parameters whose names `frozen` accepts from optimization, from the next step on.
   *
   * @param by the owner of the request, such as the callback; a new request replaces the earlier one of the same owner,
   * and requests of other owners stay in force
   */
  freeze(by: object, frozen: (name: string) => boolean): void;
  /** Ends the fit at the next batch boundary. */
  stop(reason: Stopped): void;
  /**
   * Reports a number or a picture such as a `Figure`, in addition to the trainer's own reports. Both go to
   * `events.jsonl` and to loggers, and numbers also to the curves. A picture is saved as an SVG file in the run's
   * folder, `pictures/NAME/step-000100.svg`. With several devices only rank 0 reports.
   *
   * @throws ConfigError for another kind of value, or for a name that the trainer, its metrics, or a value of the other
   * kind already uses
   */
  log(name: string, value: number | Drawable): Promise<void>;
  /**
   * Collects data of all processes. Each of them must call it at the same points of the training.
   *
   * @param own the data of this process, as JSON has it: numbers that are not finite become null
   * @returns the data of each process, in the order of ranks
   */
  gather(own: unknown): Promise<unknown[]>;
  /** Passes an event to the observers and to `events.jsonl`. */
  emit(event: TrainerEvent): Promise<void>;
}

/**
 * An extension that takes part in a run. It has no access to the tensors of a step. Every hook is optional and awaited.
 */
export interface Callback {
  /** The class and options from which another process makes the same callback. Required with several `devices`. */
  readonly recipe?: FactoryReference;
  /** The metric that the callback reads. The trainer checks before the first step that it exists. */
  readonly monitor?: string | undefined;
  /** Whether lower ("min") or higher values of `monitor` are better. */
  readonly mode?: "min" | "max" | undefined;
  /**
   * Marks a callback that writes checkpoints. It is called after all others, because the checkpoint holds their state.
   */
  readonly checkpoints?: true;
  /**
   * Returns the JSON state that a resumed run needs. Checkpoints store it by the callback's class, `monitor` and
   * `mode`. The trainer also reads it before the callback's first fit, and restores that state before a later fit that
   * is not resumed.
   */
  state?(): unknown;
  /**
   * Restores state before `onFitStart`: in a resumed run the state of its checkpoint, otherwise the state from before
   * the first fit.
   */
  restore?(state: unknown, context: FitContext): void;
  /**
   * Returns arrays that a resumed run needs, by their names in checkpoints. An array with the name of a weight is saved
   * in place of that weight. Called after `restore`, so that the arrays can be filled.
   */
  variables?(module: TrainingModule): NamedVariables;
  /** Called once before the first epoch, after `restore`. */
  onFitStart?(context: FitContext): void | Promise<void>;
  /** Called before the first batch of each epoch. */
  onTrainEpochStart?(context: FitContext): void | Promise<void>;
  /** Called before each training batch. */
  onTrainBatchStart?(context: FitContext): void | Promise<void>;
  /** Called when the gradients of a step are known. The step has been taken if they were finite. */
  onAfterBackward?(context: FitContext, result: BatchResult): void | Promise<void>;
  /** Called after each training batch, with its result. */
  onTrainBatchEnd?(context: FitContext, result: BatchResult): void | Promise<void>;
  /** Called after the last batch of each epoch, with the mean of its training loss. */
  onTrainEpochEnd?(context: FitContext, trainLoss: number): void | Promise<void>;
  /** Called before each validation. */
  onValidationStart?(context: FitContext): void | Promise<void>;
  /** Called after each validation. */
  onValidationEnd?(context: FitContext, metrics: Metrics): void | Promise<void>;
  /** Called before `fit` returns, for any ending except an error. */
  onFitEnd?(context: FitContext): void | Promise<void>;
  /** Called when the fit ends with an error. */
  onException?(context: FitContext, error: unknown): void | Promise<void>;
  /** The last hook, called after an error too. It releases the callback's resources. */
  teardown?(context: FitContext): void | Promise<void>;
}

/** The name of a callback's hook. */
export type Hook = Exclude<
  keyof Callback,
  "recipe" | "monitor" | "mode" | "checkpoints" | "state" | "restore" | "variables"
>;

/** Returns the value of a monitored metric. @throws Error that lists the available metrics */
export function monitored(metrics: Metrics, monitor: string): number {
  const value = metrics[monitor];
  if (typeof value === "number") return value;
  throw new Error(
    `There is no metric "${monitor}" to monitor; available: ${Object.keys(metrics).join(", ")}.`,
  );
}

/** Whether a callback only observes events. */
export const isObserver = (callback: Callback | Observer): callback is Observer => "observe" in callback;
