import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError } from "../config";
import { type CheckpointState, readCheckpoint } from "./checkpoint";

/** The checkpoint of the last moment that was saved. */
export const LAST = "last.safetensors";

/**
 * File systems tell the time of writing in steps of some milliseconds, or of whole seconds: of two files of one step the last
 * checkpoint is the later, since it is written after those of the best.
 */
const latest = (path: string) => Number(basename(path) === LAST);

/** Where a run goes on from. */
export interface ResumePoint {
  readonly path: string;
  readonly state: CheckpointState;
}

/**
 * Weights are numbered by dataset: in another order each would go on with another's.
 *
 * @throws ConfigError when a checkpoint's datasets are others than the module's, or in another order
 */
export function requireSameDatasets({ path, state }: ResumePoint, now: readonly string[] | undefined): void {
  const { datasets } = state;
  if (!datasets || !now || JSON.stringify(datasets) === JSON.stringify(now)) return;
  const message = `are ${datasets.join(", ")}, but now there are ${now.join(", ")}; a run goes on with the same ones in the same order: begin another run, which may take its core (\`loadPretrained\`)`;
  throw new ConfigError(path, [{ path: "datasets", message }]);
}

/**
 * A resumed run needs the state of its own optimizer: another's variables may even have the same names.
 *
 * @throws ConfigError when a checkpoint was written with an optimizer of another type
 */
export function requireSameOptimizer(
  { path, state }: ResumePoint,
  { type }: { readonly type: string },
): void {
  const config = state.config as { trainer?: { optimizer?: { type?: string } } } | undefined;
  const { optimizer } = config?.trainer ?? {};
  // Checkpoints of earlier versions name no type: there was AdamW only.
  const before = optimizer && (optimizer.type ?? "adamw");
  if (!before || before === type) return;
  const message = `was ${before}, but now it is ${type}; a run is resumed with the optimizer that it was trained by: begin another run to change it`;
  throw new ConfigError(path, [{ path: "optimizer.type", message }]);
}

/**
 * Finds the checkpoint to go on from.
 *
 * @param resume a path, or "auto" for the newest readable one of the folder
 * @returns undefined when "auto" finds none
 * @throws ConfigError for a path that is no whole checkpoint
 */
export function resumePoint(resume: string, checkpoints: string): ResumePoint | undefined {
  if (resume !== "auto") return { path: resume, state: readCheckpoint(resume).state };
  if (!existsSync(checkpoints)) return undefined;
  const newest = readdirSync(checkpoints)
    .filter((file) => file.endsWith(".safetensors"))
    .map((file) => join(checkpoints, file))
    .map((path) => ({ path, written: statSync(path).mtimeMs }))
    .sort((a, b) => b.written - a.written || latest(b.path) - latest(a.path));
  for (const { path } of newest) {
    try {
      return { path, state: readCheckpoint(path).state };
    } catch (error) {
      console.warn(`${(error as Error).message}; the one before it is taken`);
    }
  }
  return undefined;
}
