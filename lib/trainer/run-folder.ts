import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { ConfigError } from "../config";
import { writeAtomically } from "./atomic";

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
   * @throws ConfigError when the folder holds an earlier run and `overwrite` is false; nothing is touched then
   */
  static create(path: string, config: unknown, overwrite: boolean): RunFolder {
    const folder = new RunFolder(path);
    if (existsSync(folder.events) && !overwrite) {
      const message = "holds an earlier run; give another `name`, or `overwrite: true` to replace it";
      throw new ConfigError(path, [{ path: "", message }]);
    }
    rmSync(folder.events, { force: true });
    rmSync(folder.checkpoints, { recursive: true, force: true });
    mkdirSync(folder.checkpoints, { recursive: true });
    writeAtomically(join(path, "config.yaml"), [dump(config, { noRefs: true })]);
    return folder;
  }
}
