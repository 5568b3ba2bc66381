import { appendFileSync } from "node:fs";
import { fromJson } from "../base/files/json";
import { readLines } from "../base/files/lines";

/** Why `fit` returned. */
export type Stopped = "completed" | "interrupted" | "time" | "early" | "diverged";

/** What a run reports while it goes on: plain data, the same in `events.jsonl` and for observers. */
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
      /** The step that a resumed run goes on from. */
      resumed?: number;
    }
  /** Something that is probably not meant, such as a regularizer that matches no parameter. */
  | { event: "warning"; message: string }
  /** `train_loss` is the mean since the last report, `train_<name>` that of a metric of the module's. */
  | ({
      event: "step";
      epoch: number;
      step: number;
      train_loss: number;
      lr: number;
      samples_per_s: number;
      /** Norm of all gradients together before clipping, of the last step. */
      grad_norm?: number;
    } & Metrics)
  /** What the machine was doing. */
  | ({ event: "stats"; epoch: number; step: number } & Metrics)
  | ({ event: "validation"; epoch: number; step: number; train_loss: number } & Metrics)
  /** Scores that take longer than a validation, such as `eval/correlation`. */
  | ({ event: "evaluation"; epoch: number; step: number } & Metrics)
  /** A number that a callback logged, by its name. */
  | ({ event: "log"; epoch: number; step: number } & Metrics)
  /** An SVG was written; `path` from the run's folder. */
  | { event: "picture"; epoch: number; step: number; name: string; path: string }
  /** A distribution of values: `counts[i]` of them lie between `edges[i]` and `edges[i + 1]`, and `not_finite` are no numbers. */
  | {
      event: "histogram";
      epoch: number;
      step: number;
      name: string;
      edges: readonly number[];
      counts: readonly number[];
      not_finite?: number;
    }
  /** A checkpoint was written; `best` when it is the best of the run so far by the first `ModelCheckpoint` with a metric. */
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

/** Named numbers of a validation, such as `val_bps_overall`. */
export interface Metrics {
  [metric: string]: number | string;
}

/** An event as it is recorded in `events.jsonl`; `time` in seconds since 1970. */
export type RecordedEvent = TrainerEvent & { time: number };

/**
 * Reads the events of an `events.jsonl` of any size, one after the other.
 *
 * @param onUnreadable called for each line that holds no event: a process that was killed may leave one half-written
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

/** The event of a line of `events.jsonl`; undefined for a line that holds none. */
export function parseEvent(line: string): RecordedEvent | undefined {
  const event = fromJson<unknown>(line);
  return isEvent(event) ? event : undefined;
}

function isEvent(value: unknown): value is RecordedEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { event, epoch, step, time } = value as Record<string, unknown>;
  return typeof event === "string" && isNumberOrNone(epoch) && isNumberOrNone(step) && isNumberOrNone(time);
}

const isNumberOrNone = (value: unknown) => value === undefined || typeof value === "number";

/** Something that watches a run: a plot, a progress line, a logger. It gets plain events and never touches tensors. */
export interface Observer {
  observe(event: TrainerEvent): void | Promise<void>;
}

/** Appends every event to a file, one JSON object a line, with the time in seconds since 1970. */
export class EventsFile implements Observer {
  /** The disk refused the last line, of which a part may be there. */
  private cut = false;

  constructor(readonly path: string) {}

  /** A full disk costs lines, with a warning, and not the run. */
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

/** Further event files that the environment asks for: `GRADBOOK_EVENTS` is a path to which every training of the process appends. */
export function environmentObservers(env: NodeJS.ProcessEnv = process.env): Observer[] {
  return env.GRADBOOK_EVENTS ? [new EventsFile(env.GRADBOOK_EVENTS)] : [];
}

/** The numbers of a validation, or of the end of an epoch without one; `train_loss` is the mean of the epoch's batches so far. */
export type EpochRecord = { epoch: number; step: number; train_loss: number } & Metrics;
