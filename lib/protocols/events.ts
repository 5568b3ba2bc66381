import { appendFileSync } from "node:fs";
import { fromJson } from "../base/files/atomic";
import { readLines } from "../base/files/lines";

/** The reason why `fit` returned. */
export type Stopped = "completed" | "interrupted" | "time" | "early" | "diverged";

/** An event that a run reports: plain data, identical in `events.jsonl` and for observers. */
export type TrainerEvent =
  | {
      event: "fit_start";
      name: string;
      /** The run's folder. */
      folder: string;
      parameters: number;
      max_epochs: number;
      steps_per_epoch: number;
      /** The step at which the fit ends. */
      max_steps?: number;
      /** The step from which a resumed run continues. */
      resumed?: number;
    }
  /** Reports a probable mistake, such as a regularizer that matches no parameter. */
  | { event: "warning"; message: string }
  /**
   * Reports a training step, with means since the last report: `train_loss`, without the regularizers' penalties;
   * `train_loss/<dataset>`, if the module reports them; and `train_<name>` of a metric of the module.
   */
  | ({
      event: "step";
      epoch: number;
      step: number;
      train_loss: number;
      lr: number;
      samples_per_s: number;
      /** The regularizers' penalties, which are added to the loss. The mean since the last report. */
      penalty?: number;
      /** The norm of all gradients of the last step, before clipping. */
      grad_norm?: number;
    } & Metrics)
  /** Reports the state of the machine. */
  | ({ event: "stats"; epoch: number; step: number } & Metrics)
  | ({ event: "validation"; epoch: number; step: number; train_loss: number } & Metrics)
  /** Reports scores that take longer than a validation, such as `eval/correlation`. */
  | ({ event: "evaluation"; epoch: number; step: number } & Metrics)
  /** Reports a number that a callback logged, by its name. */
  | ({ event: "log"; epoch: number; step: number } & Metrics)
  /** Reports that an SVG file was written. `path` is relative to the run's folder. */
  | { event: "picture"; epoch: number; step: number; name: string; path: string }
  /**
   * Reports a distribution of values: `counts[i]` of them lie between `edges[i]` and `edges[i + 1]`, and `not_finite`
   * counts the NaN and infinite values.
   */
  | {
      event: "histogram";
      epoch: number;
      step: number;
      name: string;
      edges: readonly number[];
      counts: readonly number[];
      not_finite?: number;
    }
  /**
   * Reports that a checkpoint was written. `best` is true when it is the best of the run so far, by the first
   * `ModelCheckpoint` with a metric.
   */
  | {
      event: "checkpoint";
      epoch: number;
      step: number;
      path: string;
      monitor?: string;
      mode?: "min" | "max";
      score?: number;
      best?: boolean;
    }
  | { event: "fit_end"; epoch: number; step: number; stopped: Stopped; seconds: number };

/** The numbers of a validation by name, such as `val_bps_overall`. */
export interface Metrics {
  [metric: string]: number | string;
}

/** An event as recorded in `events.jsonl`. `time` is in seconds since 1970. */
export type RecordedEvent = TrainerEvent & { time: number };

/**
 * Reads the events of an `events.jsonl` of any size, one after another.
 *
 * @param onUnreadable called for each line that holds no event; a process that was killed may leave a partial line
 * @throws the system's error when the file cannot be opened or read
 */
export function* readEvents(path: string, onUnreadable: () => void = () => {}): Generator<RecordedEvent> {
  for (const line of readLines(path)) {
    if (line === "") continue;
    const event = parseEvent(line);
    if (event) yield event;
    else onUnreadable();
  }
}

/** Returns the event in a line of `events.jsonl`, or undefined when the line holds none. */
export function parseEvent(line: string): RecordedEvent | undefined {
  const event = fromJson<unknown>(line);
  return isEvent(event) ? event : undefined;
}

function isEvent(value: unknown): value is RecordedEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = value as Record<string, unknown>;
  const { event, epoch, step, time, monitor } = fields;
  if (typeof event !== "string" || ![epoch, step, time].every(isNumberOrNone)) return false;
  if (monitor !== undefined && typeof monitor !== "string") return false;
  const required = Object.hasOwn(REQUIRED, event) ? REQUIRED[event]! : {};
  return Object.entries(required).every(([name, type]) => typeof fields[name] === type);
}

/** The fields that readers of events rely on, by the kind of event. */
const REQUIRED: Readonly<Record<string, Readonly<Record<string, "string" | "number">>>> = {
  fit_start: { name: "string", parameters: "number" },
  warning: { message: "string" },
  picture: { name: "string", path: "string", epoch: "number" },
  checkpoint: { path: "string", epoch: "number", step: "number" },
  fit_end: { stopped: "string" },
};

const isNumberOrNone = (value: unknown) => value === undefined || typeof value === "number";

/**
 * A receiver of a run's events, such as a plot, a progress line or a logger. It receives plain data and never tensors.
 */
export interface Observer {
  /** Receives an event. The run waits for a returned promise. */
  observe(event: TrainerEvent): void | Promise<void>;
}

/** Appends every event to a file, one JSON object per line, with the time in seconds since 1970. */
export class EventsFile implements Observer {
  /** True when writing the last line failed, so that a part of it may be in the file. */
  private cut = false;

  constructor(readonly path: string) {}

  /** Loses lines with a warning when the disk is full, and lets the run continue. */
  observe(event: TrainerEvent): void {
    const line = `${JSON.stringify({ time: Date.now() / 1000, ...event })}\n`;
    try {
      appendFileSync(this.path, this.cut ? `\n${line}` : line);
      this.cut = false;
    } catch (error) {
      if (!this.cut) console.warn(`${this.path}: events are lost (${(error as Error).message})`);
      this.cut = true;
    }
  }
}

/**
 * Returns the additional event files that the environment requests: `GRADBOOK_EVENTS` is a path to which every training
 * of the process appends.
 */
export function environmentObservers(env: NodeJS.ProcessEnv = process.env): Observer[] {
  return env.GRADBOOK_EVENTS ? [new EventsFile(env.GRADBOOK_EVENTS)] : [];
}

/**
 * The numbers of a validation, or of the end of an epoch that has no validation. `train_loss` is the mean of the
 * epoch's batches so far.
 */
export type EpochRecord = { epoch: number; step: number; train_loss: number } & Metrics;
