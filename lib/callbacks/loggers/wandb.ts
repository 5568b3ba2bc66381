import { randomInt } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../base/files/folder";
import { writeInt } from "../../engine/protobuf";
import { numbersOf } from "../../plots/curves";
import type { Observer, Stopped, TrainerEvent } from "../../protocols/events";
import { hyperparametersOf } from "./hyperparameters";
import { exitRecord, headerRecord, historyRecord, runRecord, summaryRecord, WandbFile } from "./wandb-file";

/** Settings of a `WandbOfflineLogger`. */
export interface WandbOfflineLoggerOptions {
  /** The W&B project. Default: `gradbook`. */
  project?: string;
  /** The name of the run in W&B. Default: the run's name. */
  runName?: string;
  /** Default: none. */
  tags?: readonly string[];
}

/** Exit codes as wandb writes them. */
const EXIT = { completed: 0, early: 0, time: 0, diverged: 1, interrupted: 255 } as const satisfies Record<
  Stopped,
  number
>;

const FOLDER = /^offline-run-\d{8}_\d{6}-([a-z0-9]{8})$/;

/**
 * Writes a run's settings and numbers as an offline run of Weights & Biases, which `wandb sync` uploads from any
 * machine: `wandb/offline-run-*` in the run's folder. gradbook itself sends no data. A resumed run gets another folder
 * with the same W&B id.
 *
 * @example
 * new Trainer({ name: "demo", callbacks: [new WandbOfflineLogger({ project: "twins" })] })
 */
export class WandbOfflineLogger implements Observer {
  private file: WandbFile | undefined;
  private started = 0;
  private records = 0;
  /** The numbers of the last step: W&B has one row for a step, which may have several events. */
  private row = new Map<string, number>();
  private step = 0;
  private readonly last = new Map<string, number>();

  constructor(private readonly options: WandbOfflineLoggerOptions = {}) {}

  /** Writes an event. */
  observe(event: TrainerEvent): void {
    if (event.event === "fit_start") {
      this.begin(event);
      return;
    }
    if (!this.file || !("step" in event) || typeof event.step !== "number") return;
    if (event.event === "fit_end") {
      this.flush();
      this.write(summaryRecord([...this.last]));
      this.write(exitRecord(EXIT[event.stopped], event.seconds));
      return;
    }
    const numbers = numbersOf(event).filter(([, value]) => Number.isFinite(value));
    if (numbers.length === 0) return;
    if (event.step !== this.step) this.flush();
    this.step = event.step;
    for (const [name, value] of [["epoch", event.epoch] as const, ...numbers]) this.row.set(name, value);
  }

  private begin({ folder, name, resumed }: TrainerEvent & { event: "fit_start" }): void {
    const { project = "gradbook", runName = name, tags = [] } = this.options;
    const wandb = join(folder, "wandb");
    const earlier = resumed === undefined ? undefined : earlierId(wandb);
    const id = earlier ?? newId();
    this.started = Date.now() / 1000;
    this.records = 0;
    this.row.clear();
    this.last.clear();
    const own = join(wandb, `offline-run-${timestamp(this.started)}-${id}`);
    makeFolder(join(own, "files"));
    this.file = new WandbFile(join(own, `run-${id}.wandb`));
    this.write(headerRecord("gradbook", "0.10.0"));
    this.write(
      runRecord({
        id,
        project,
        name: runName,
        tags,
        host: hostname(),
        started: this.started,
        config: hyperparametersOf(folder),
        step: resumed === undefined ? 0 : resumed + 1,
        resumed: earlier !== undefined,
      }),
    );
  }

  /** Writes the row of the last step. */
  private flush(): void {
    const { row, step } = this;
    if (row.size === 0) return;
    const now = Date.now() / 1000;
    for (const [name, value] of row) this.last.set(name, value);
    const own = { _step: step, _timestamp: now, _runtime: now - this.started };
    this.write(historyRecord(step, [...row, ...Object.entries(own)]));
    row.clear();
  }

  private write(record: Buffer): void {
    this.file?.append(Buffer.concat([writeInt(1, ++this.records), record]));
  }
}

/** The id of the newest offline run of a folder. */
function earlierId(wandb: string): string | undefined {
  if (!existsSync(wandb)) return undefined;
  const newest = readdirSync(wandb)
    .filter((name) => FOLDER.test(name))
    .sort()
    .at(-1);
  return newest && FOLDER.exec(newest)?.[1];
}

/** Returns eight letters and digits, as in wandb's own ids. */
const newId = (): string => Array.from({ length: 8 }, () => randomInt(36).toString(36)).join("");

/** Formats a time as `20310301_134502`, in UTC. */
const timestamp = (seconds: number): string =>
  new Date(seconds * 1000)
    .toISOString()
    .slice(0, 19)
    .replaceAll("-", "")
    .replaceAll(":", "")
    .replace("T", "_");
