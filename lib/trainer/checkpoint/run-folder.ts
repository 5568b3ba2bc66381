import { existsSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { dump } from "js-yaml";
import { ConfigError } from "../../base/config";
import { writeAtomically, writing } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import { Lock } from "../../base/files/lock";
import { type RecordedEvent, readEvents } from "../../protocols/events";
import { readState } from "./checkpoint";
import { checkpointsIn, type ResumePoint } from "./resume";
import { keepUnreadable, remove, removeHalfWritten, setAside, writtenBy } from "./run-files";
import type { CheckpointState } from "./state";

/** The ways in which a run may begin in a folder. */
interface Beginning {
  readonly name: string;
  /** The content of `config.yaml`. */
  readonly config: unknown;
  readonly overwrite: boolean;
  /** Whether the run should have continued from a checkpoint, but there was none. */
  readonly restarted: boolean;
}

/** The lock of a run's folder: the process that writes into it. */
export const LOCK = "run.lock";

/** The folder of a run: `events.jsonl`, `config.yaml` as resolved, `checkpoints/`. */
export class RunFolder {
  readonly events: string;
  readonly checkpoints: string;
  /** The output of each process, if the run has several. */
  readonly logs: string;
  private lock: Lock | undefined;

  /** Refers to a folder without locking it, because another process may write it. */
  constructor(readonly path: string) {
    this.events = join(path, "events.jsonl");
    this.checkpoints = join(path, "checkpoints");
    this.logs = join(path, "logs");
  }

  /**
   * Locks a folder for this process, until `release`.
   *
   * @throws ConfigError when the folder cannot be written, or another fit writes into it
   */
  static take(path: string): RunFolder {
    const folder = new RunFolder(path);
    makeFolder(path);
    writing(path, () => {
      folder.lock = Lock.take(join(path, LOCK), path, "give another `name`");
    });
    return folder;
  }

  release(): void {
    this.lock?.release();
  }

  /**
   * Begins a run. With `overwrite`, it removes the files that an earlier run wrote, and no others. A `restarted` run,
   * whose earlier start left no checkpoint, sets them aside.
   *
   * @throws ConfigError when the folder cannot be written, or holds an earlier run; nothing is changed then
   */
  begin({ name, config, overwrite, restarted }: Beginning): void {
    writing(this.path, () => {
      const { path } = this;
      const { found } = checkpointsIn(this.checkpoints, name);
      const written = [...new Set([...writtenBy(path), ...found.map((each) => relative(path, each.path))])];
      const earlier = existsSync(this.events) || written.some((file) => dirname(file) === "checkpoints");
      if (overwrite) remove(path, written);
      else if (earlier && restarted) this.startAnew(written);
      else if (earlier) throw holdsRun(path);
      makeFolder(this.checkpoints);
      this.write(config);
    });
  }

  /**
   * Continues the run of the folder: cuts off events after the checkpoint, so that curves are continuous, sets later
   * checkpoints aside, renames unreadable ones, and removes partial files of a killed process.
   */
  goOn(config: unknown, { path, state }: ResumePoint, name: string): void {
    if (readState(path).step !== state.step) {
      const message = "was written by another process meanwhile; start again";
      throw new ConfigError(path, [{ path: "", message }]);
    }
    writing(this.path, () => {
      removeHalfWritten(this.checkpoints);
      const { found, damaged, unreadable } = checkpointsIn(this.checkpoints, name);
      for (const { where } of [...damaged, ...unreadable]) keepUnreadable(where);
      const later = found
        .filter(({ step }) => step > state.step)
        .map((each) => relative(this.path, each.path));
      if (later.length > 0) setAside(this.path, later);
      if (existsSync(this.events)) writeAtomically(this.events, linesUpTo(this.events, state));
      this.write(config);
    });
  }

  /** Whether a checkpoint belongs to this run. */
  holds(checkpoint: string): boolean {
    if (!existsSync(this.checkpoints)) return false;
    return realpathSync(dirname(checkpoint)) === realpathSync(this.checkpoints);
  }

  private startAnew(written: readonly string[]): void {
    let steps = false;
    for (const { event } of existsSync(this.events) ? readEvents(this.events) : [])
      steps ||= event === "step";
    if (!steps) {
      rmSync(this.events, { force: true });
      return;
    }
    const aside = setAside(this.path, written);
    console.warn(
      `${this.path} holds no checkpoint to resume from, so the run starts over; the files of the earlier start are in ${basename(aside)}`,
    );
  }

  /** Writes `config.yaml`. */
  write(config: unknown): void {
    writeAtomically(join(this.path, "config.yaml"), [dump(config, { noRefs: true })]);
  }
}

const holdsRun = (path: string) =>
  new ConfigError(path, [
    {
      path: "",
      message:
        'holds an earlier run; resume it with `resume: "auto"`, give another `name`, or replace it with `overwrite: true`',
    },
  ]);

/** Returns the lines of the events from before a checkpoint was written. */
function* linesUpTo(events: string, { step, history }: Pick<CheckpointState, "step" | "history">) {
  const place = (at: { epoch?: number; step?: number }) => `${at.epoch} ${at.step}`;
  const validated = new Set(history.map(place));
  for (const event of readEvents(events)) {
    const at: Partial<Record<"step" | "epoch", number>> & Pick<RecordedEvent, "event"> = event;
    if ((at.step ?? 0) > step) continue;
    if (/^(validation|evaluation)$/.test(at.event) && !validated.has(place(at))) continue;
    yield `${JSON.stringify(event)}\n`;
  }
}
