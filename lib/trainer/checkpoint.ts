import { ConfigError, type Problem } from "../config";
import { tf } from "../engine";
import { type NamedArray, readSafetensors, writeSafetensors } from "./safetensors";

/** What a checkpoint says beside its arrays. */
export interface CheckpointState {
  format: 1;
  /** Epochs from 0; the one that was going on. */
  epoch: number;
  /** Optimizer steps taken. */
  step: number;
  seed: number;
  metrics: Readonly<Record<string, number | string>>;
  /** Both configurations as resolved. */
  config: unknown;
}

/** Variables by the names they have in the file. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** Writes a self-contained checkpoint: one safetensors file, its metadata holding the state as JSON. Atomic. */
export function saveCheckpoint(path: string, variables: NamedVariables, state: CheckpointState): void {
  const tensors = new Map<string, NamedArray>();
  for (const [name, variable] of variables) {
    tensors.set(name, { shape: variable.shape, values: variable.dataSync() as Float32Array });
  }
  writeSafetensors(path, { tensors, metadata: { gradbook: JSON.stringify(state) } });
}

/** The arrays of a checkpoint by name. @throws ConfigError when the file is damaged or not a checkpoint */
export function readWeights(path: string): ReadonlyMap<string, NamedArray> {
  return readArrays(path).tensors;
}

function readArrays(path: string) {
  const { tensors, metadata } = readSafetensors(path);
  if (!metadata.gradbook)
    throw new ConfigError(path, [{ path: "", message: "is not a checkpoint of gradbook" }]);
  return { tensors, metadata: metadata.gradbook };
}

/** The problem of an array that holds what is not a number. */
export function notFinite(name: string, values: ArrayLike<number>): Problem[] {
  const bad = Array.from(values).findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return [];
  const message = `holds ${values[bad]} at ${bad}: the training that wrote it had diverged; take an earlier checkpoint`;
  return [{ path: name, message }];
}

/**
 * Loads the arrays of a checkpoint into variables.
 *
 * @param variables those to fill; what else the file holds (optimizer moments, say) is passed over
 * @throws ConfigError when the file is damaged, or lacks one of the variables, or has it in another shape or with
 *   values that are not finite; no variable has changed then
 */
export function loadCheckpoint(path: string, variables: NamedVariables): CheckpointState {
  const { tensors, metadata } = readArrays(path);
  const problems = [...variables].flatMap(([name, variable]) => {
    const found = tensors.get(name);
    if (!found) return [{ path: name, message: "is missing in the checkpoint" }];
    if (String(found.shape) === String(variable.shape)) return notFinite(name, found.values);
    return [
      {
        path: name,
        message: `has shape [${found.shape}] in the checkpoint, but [${variable.shape}] in the model`,
      },
    ];
  });
  if (problems.length > 0) throw new ConfigError(path, problems);
  tf.tidy(() => {
    for (const [name, variable] of variables) {
      const { shape, values } = tensors.get(name)!;
      variable.assign(tf.tensor(values, shape));
    }
  });
  return JSON.parse(metadata) as CheckpointState;
}
