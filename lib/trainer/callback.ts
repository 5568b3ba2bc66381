import type { Metrics, Observer, Stopped, TrainerEvent } from "./events";
import type { Recipe } from "./module";

/** The checkpoints that the returned run can load. */
export interface Kept {
  best?: { path: string; score: number };
  last?: string;
}

/** What a callback sees of a running fit, and may ask of it. */
export interface FitContext {
  /** Epochs from 0. */
  readonly epoch: number;
  /** Optimizer steps taken. */
  readonly step: number;
  /** The folder for checkpoints. */
  readonly checkpoints: string;
  /** Told by the callback that writes checkpoints. */
  readonly kept: Kept;
  /** Writes a checkpoint of this moment, atomically. */
  save(path: string): void;
  /** Ends the fit at the next batch boundary. */
  stop(reason: Stopped): void;
  emit(event: TrainerEvent): Promise<void>;
}

/** Something that takes part in a run, beside the tensors. Every hook is optional and awaited. */
export interface Callback {
  /** How another process makes the same callback: a class of a module, and its options. Needed with several `devices`. */
  readonly recipe?: Recipe;
  onFitStart?(context: FitContext): void | Promise<void>;
  /** After each validation. */
  onValidationEnd?(context: FitContext, metrics: Metrics): void | Promise<void>;
  /** Before `fit` returns, however it ended; not after an error. */
  onFitEnd?(context: FitContext): void | Promise<void>;
}

/** Reads a monitored metric. @throws Error that lists the metrics there are */
export function monitored(metrics: Metrics, monitor: string): number {
  const value = metrics[monitor];
  if (typeof value === "number") return value;
  throw new Error(
    `There is no metric "${monitor}" to monitor; there are: ${Object.keys(metrics).join(", ")}.`,
  );
}

export const isObserver = (callback: Callback | Observer): callback is Observer => "observe" in callback;
