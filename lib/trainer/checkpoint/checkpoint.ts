import { z } from "zod";
import { ConfigError, type Problem } from "../../base/config";
import { tf } from "../../engine";
import type { NamedVariables } from "../../protocols/module";
import { DamagedFile, type NamedArray, readMetadata, readSafetensors, writeSafetensors } from "./safetensors";
import type { CheckpointState, Ended } from "./state";

/** The arrays of a checkpoint, by name. */
export type Arrays = ReadonlyMap<string, NamedArray>;

/** Returns the present values of variables. */
export function arraysOf(variables: NamedVariables): Arrays {
  const entries = [...variables].map(([name, variable]): [string, NamedArray] => [
    name,
    { shape: variable.shape, values: variable.dataSync() as Float32Array },
  ]);
  return new Map(entries);
}

/**
 * Writes a self-contained checkpoint atomically: one safetensors file, whose metadata holds the state as JSON.
 *
 * @param how `finite` rejects non-finite values, because the file could not be loaded again
 * @throws ConfigError for such values, by name
 */
export function saveCheckpoint(
  path: string,
  tensors: Arrays,
  state: CheckpointState,
  { finite = false } = {},
): void {
  const problems = [...tensors].flatMap(([name, { values }]) => (waits(name) ? [] : notFinite(name, values)));
  if (finite && problems.length > 0) throw new ConfigError(path, problems);
  writeSafetensors(path, { tensors, metadata: { gradbook: JSON.stringify(state) } });
}

/** The parts of the state that the trainer reads, with the types that any writer must have used. */
const stateSchema = z.looseObject({
  format: z.literal(1),
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  seed: z.number(),
  metrics: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  history: z.array(z.looseObject({ epoch: z.int(), step: z.int() })),
  // A batch's weight is its share of a full batch, so `counted` need not be an integer.
  within: z.looseObject({ batches: z.int(), sum: z.number(), counted: z.number() }),
  feed: z.looseObject({ pass: z.int(), batch: z.int(), taken: z.int() }),
  bad: z.looseObject({ inARow: z.int(), total: z.int() }),
  callbacks: z.array(z.looseObject({ name: z.string(), number: z.int() })),
  datasets: z.array(z.string()).optional(),
  batching: z
    .object({
      batchSize: z.int().positive(),
      worldSize: z.int().positive(),
      perStep: z.int().positive(),
      stepsPerEpoch: z.int().positive(),
      overfitBatches: z.int().nonnegative(),
      seed: z.int(),
    })
    .optional(),
  seconds: z.number().nonnegative().optional(),
  ended: z
    .object({
      stopped: z.enum(["completed", "time", "early", "diverged"]),
      by: z.object({ key: z.string(), options: z.unknown() }).optional(),
    })
    .optional(),
});

/**
 * Reads the arrays of a checkpoint by name, and its state.
 *
 * @throws DamagedFile when the file is damaged or not a checkpoint
 * @throws ConfigError when it is missing or cannot be read
 */
export function readCheckpoint(path: string): {
  tensors: ReadonlyMap<string, NamedArray>;
  state: CheckpointState;
} {
  const { tensors, metadata } = readSafetensors(path);
  return { tensors, state: stateOf(path, metadata) };
}

/** Reads a checkpoint's state without its arrays. @throws the errors of `readCheckpoint` */
export function readState(path: string): CheckpointState {
  return stateOf(path, readMetadata(path));
}

function stateOf(path: string, { gradbook }: Readonly<Record<string, string>>): CheckpointState {
  const fail = (message: string, cause?: unknown, at = "__metadata__.gradbook") =>
    new DamagedFile(path, [{ path: at, message }], { cause });
  if (!gradbook) throw fail("is not a checkpoint of gradbook", undefined, "");
  let state: unknown;
  try {
    state = JSON.parse(gradbook);
  } catch (cause) {
    throw fail(
      `is not JSON (${(cause as Error).message}), which has no NaN and no Infinity: write null`,
      cause,
    );
  }
  const { success, error } = stateSchema.safeParse(state);
  if (success) return state as CheckpointState;
  const [{ path: key, message }] = error.issues as [z.core.$ZodIssue];
  const where = key.length > 0 ? `: ${key.join(".")}` : "";
  throw fail(`is not the state of a training${where} (${message}); use another checkpoint of the same run`);
}

/** Writes the reason why a run ended into one of its checkpoints. @throws the errors of `readCheckpoint` */
export function noteEnd(path: string, ended: Ended): void {
  const state = readState(path);
  if (JSON.stringify(state.ended) === JSON.stringify(ended)) return;
  const { tensors, metadata } = readSafetensors(path);
  const gradbook = JSON.stringify({ ...state, ended });
  writeSafetensors(path, { tensors, metadata: { ...metadata, gradbook } });
}

/** Returns the problem of an array with a non-finite value. */
export function notFinite(name: string, values: ArrayLike<number>): Problem[] {
  let bad = 0;
  while (bad < values.length && Number.isFinite(values[bad])) bad++;
  if (bad === values.length) return [];
  const message = `holds ${values[bad]} at ${bad}: the training that wrote it had diverged; take an earlier checkpoint`;
  return [{ path: name, message }];
}

interface LoadOptions {
  readonly partOf?: (name: string, array: NamedArray) => NamedArray;
  readonly finite?: boolean;
}

/**
 * Loads the arrays of a checkpoint into variables.
 *
 * @param variables the variables to fill; other arrays of the file, such as optimizer moments, are ignored
 * @param how `partOf` returns the part of an array that a variable gets, by default the array; `finite: false` accepts values that are not
 * finite
 * @throws ConfigError when the file is damaged, or lacks one of the variables, or has it in another shape or with
 * values that are not finite; no variable has changed then
 */
export function loadCheckpoint(
  path: string,
  variables: NamedVariables,
  { partOf = (_, array) => array, finite = true }: LoadOptions = {},
): CheckpointState {
  const { tensors: all, state } = readCheckpoint(path);
  const wanted = [...all].filter(([name]) => variables.has(name));
  const tensors = new Map(wanted.map(([name, array]) => [name, partOf(name, array)]));
  const problems = [...variables].flatMap(([name, variable]) => {
    const found = tensors.get(name);
    if (!found) return waits(name) ? [] : [{ path: name, message: "is missing in the checkpoint" }];
    if (String(found.shape) === String(variable.shape))
      return !finite || waits(name) ? [] : notFinite(name, found.values);
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
      const found = tensors.get(name);
      if (found) variable.assign(tf.tensor(found.values, found.shape));
    }
  });
  return state;
}

/** Whether an array belongs to accumulated gradients: their sum may be non-finite, and exists only with accumulation. */
const waits = (name: string) => name.startsWith("accumulated.");
