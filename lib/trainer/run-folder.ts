import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { ConfigError } from "../config";
import { writeAtomically } from "../files/atomic";
import { makeFolder } from "../files/folder";
import type { CheckpointState } from "./checkpoint";
import { type RecordedEvent, readEvents } from "./events";

/** Where a run leaves its traces: `events.jsonl`, `config.yaml` as resolved, `checkpoints/`. */
export class RunFolder {
  readonly events: string;
  readonly checkpoints: string;
  /** What each process of several prints. */
  readonly logs: string;

  /** Of a run that another process keeps. */
  constructor(readonly path: string) {
    this.events = join(path, "events.jsonl");
    this.checkpoints = join(path, "checkpoints");
    this.logs = join(path, "logs");
  }

  /**
   * @param config written to `config.yaml`
   * @throws ConfigError when the folder cannot be written, or holds an earlier run and `overwrite` is false; nothing is touched then
   */
  static create(path: string, config: unknown, overwrite: boolean): RunFolder {
    const folder = new RunFolder(path);
    if (existsSync(folder.events) && !overwrite) {
      const message = "holds an earlier run; give another `name`, or `overwrite: true` to replace it";
      throw new ConfigError(path, [{ path: "", message }]);
    }
    makeFolder(path);
    rmSync(folder.events, { force: true });
    rmSync(folder.checkpoints, { recursive: true, force: true });
    makeFolder(folder.checkpoints);
    writeAtomically(join(path, "config.yaml"), [dump(config, { noRefs: true })]);
    return folder;
  }

  /**
   * Goes on in the folder of an earlier run: events after the checkpoint are cut off, so that curves line up, and what a process
   * that was killed left half-written is removed.
   */
  static reopen(path: string, config: unknown, from: Pick<CheckpointState, "step" | "history">): RunFolder {
    const folder = new RunFolder(path);
    makeFolder(folder.checkpoints);
    for (const file of readdirSync(folder.checkpoints))
      if (file.endsWith(".tmp")) rmSync(join(folder.checkpoints, file), { force: true });
    if (existsSync(folder.events)) writeAtomically(folder.events, linesUpTo(folder.events, from));
    writeAtomically(join(path, "config.yaml"), [dump(config, { noRefs: true })]);
    return folder;
  }
}

/** The lines of the events that had happened when a checkpoint was written. */
function* linesUpTo(events: string, { step, history }: Pick<CheckpointState, "step" | "history">) {
  const validated = history.at(-1)?.step ?? -1;
  for (const event of readEvents(events)) {
    const at: Partial<Record<"step" | "epoch", number>> & Pick<RecordedEvent, "event"> = event;
    if ((at.step ?? 0) > step) continue;
    if (/^(validation|evaluation)$/.test(at.event) && (at.step ?? 0) > validated) continue;
    yield `${JSON.stringify(event)}\n`;
  }
}
