import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError } from "../../base/config";
import { readCheckpoint, readState } from "./checkpoint";
import { DamagedFile } from "./safetensors";
import type { CheckpointState } from "./state";

/** The file name of the last checkpoint. */
export const LAST = "last.safetensors";

/** The checkpoints that the library's callbacks write. */
const OURS = /^(last|epoch-\d+_.+)\.safetensors$/;

/** The checkpoint from which a run continues. */
export interface ResumePoint {
  readonly path: string;
  readonly state: CheckpointState;
}

/**
 * Checks the datasets of a checkpoint. Weights are numbered by dataset, so another order would assign them to the wrong
 * one.
 *
 * @throws ConfigError when a checkpoint's datasets are others than the module's, or in another order
 */
export function requireSameDatasets({ path, state }: ResumePoint, now: readonly string[] | undefined): void {
  const { datasets } = state;
  if (!datasets || !now || JSON.stringify(datasets) === JSON.stringify(now)) return;
  const message = `are ${datasets.join(", ")}, but now there are ${now.join(", ")}; a run resumes with the same ones in the same order: start another run, which can load its core (\`loadPretrained\`)`;
  throw new ConfigError(path, [{ path: "datasets", message }]);
}

/**
 * Checks the optimizer of a checkpoint. A resumed run needs the state of its own optimizer; the variables of another
 * type may have the same names.
 *
 * @throws ConfigError when a checkpoint was written with an optimizer of another type
 */
export function requireSameOptimizer(
  { path, state }: ResumePoint,
  { type }: { readonly type: string },
): void {
  const config = state.config as { trainer?: { optimizer?: { type?: string } } } | undefined;
  const { optimizer } = config?.trainer ?? {};
  // Checkpoints of earlier versions name no type: AdamW was the only optimizer.
  const before = optimizer && (optimizer.type ?? "adamw");
  if (!before || before === type) return;
  const message = `was ${before}, but now it is ${type}; a run resumes with its own optimizer: start another run to change it`;
  throw new ConfigError(path, [{ path: "optimizer.type", message }]);
}

/**
 * Finds the checkpoint from which a run continues.
 *
 * @param resume a path, or "auto" for the checkpoint with the most steps in the folder; damaged ones are skipped with a
 * warning
 * @param name the name of the run, which its checkpoints contain
 * @returns undefined when "auto" finds no checkpoint
 * @throws ConfigError when a checkpoint cannot be read, or all are damaged. Nothing is changed.
 */
export function resumePoint(resume: string, checkpoints: string, name: string): ResumePoint | undefined {
  if (resume !== "auto") return { path: resume, state: readCheckpoint(resume).state };
  const { found, damaged, unreadable } = checkpointsIn(checkpoints, name);
  if (unreadable[0]) throw unreadable[0];
  const path = latest(found);
  if (path === undefined) {
    if (damaged.length > 0) throw allDamaged(checkpoints, damaged);
    return undefined;
  }
  try {
    const { state } = readCheckpoint(path);
    for (const { message } of damaged)
      console.warn(`${message}; it is kept, and the run continues from ${path} (step ${state.step})`);
    return { path, state };
  } catch (error) {
    throw refusal(path, error);
  }
}

interface Found {
  readonly path: string;
  readonly step: number;
}

/** Orders by most steps first; at equal steps `last` comes first, because it is written after the best ones. */
const byStep = (a: Found, b: Found) => b.step - a.step || isLast(b) - isLast(a);
const isLast = ({ path }: Found) => Number(basename(path) === LAST);

/** Returns the checkpoint with the most steps. */
export const latest = (found: readonly Found[]): string | undefined => found.toSorted(byStep)[0]?.path;

/**
 * Lists the checkpoints that a run wrote into its folder: intact ones with their steps, damaged ones, and unreadable
 * ones.
 */
export function checkpointsIn(folder: string, name: string) {
  const [found, damaged, unreadable]: [Found[], DamagedFile[], ConfigError[]] = [[], [], []];
  for (const file of filesIn(folder, unreadable)) {
    const path = join(folder, file);
    try {
      const state = readState(path);
      // A file with another name counts only if its checkpoint names this run.
      if (OURS.test(file) || nameIn(state) === name) found.push({ path, step: state.step });
    } catch (error) {
      if (!(error instanceof DamagedFile)) unreadable.push(refusal(path, error));
      // A damaged file does not tell its run, so only its own name can.
      else if (OURS.test(file)) damaged.push(error);
    }
  }
  return { found, damaged, unreadable };
}

function filesIn(folder: string, unreadable: ConfigError[]): string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder).filter((file) => file.endsWith(".safetensors"));
  } catch (error) {
    unreadable.push(refusal(folder, error));
    return [];
  }
}

function allDamaged(checkpoints: string, damaged: readonly DamagedFile[]): ConfigError {
  const message =
    "is damaged, and there is no other checkpoint; nothing was changed. Replace it by an intact one, or start a run with another `name`";
  const problems = damaged.map(({ where }) => ({ path: basename(where), message }));
  return new ConfigError(checkpoints, problems);
}

/** Returns the error for a checkpoint that the system does not allow to read, although it may be intact. */
function refusal(path: string, cause: unknown): ConfigError {
  const why = cause instanceof ConfigError ? cause.problems[0]!.message : (cause as Error).message;
  const message = `${why}, so the position of the run is unknown; nothing was changed. Make it readable, give \`resume\` the path of another checkpoint, or start a run with another \`name\``;
  return new ConfigError(path, [{ path: "", message }], { cause });
}

const nameIn = ({ config }: CheckpointState) =>
  (config as { trainer?: { name?: unknown } } | null | undefined)?.trainer?.name;
