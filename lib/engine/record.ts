import * as tf from "@tensorflow/tfjs-core";
import { backend, binding, idOf, wrap } from "./backend";
import { TF } from "./dtypes";
import { flatten, mapNested, type Nested } from "./nest";
import { NewVariables } from "./new-variables";
import { unwinding } from "./queue";
import { withFreshRandomness } from "./random-in-trace";
import { Trace } from "./trace";

/** The arguments of a call. */
export type Inputs = readonly Nested<tf.Tensor | number>[];
/** The traced function, which gets scalars in place of numbers. */
export type Body = (...args: Nested<tf.Tensor>[]) => unknown;

/** A function's code as a graph that is not yet a TensorFlow function. */
export interface Recording {
  /** The caller disposes it. */
  readonly trace: Trace;
  /** Nodes of the results, then of the new values of the assigned variables. */
  readonly outputs: readonly number[];
  /** The nesting of the results; each leaf is an index into `outputs`. */
  readonly results: Nested<number>;
  readonly assigned: readonly tf.Variable[];
  /** The variables whose values are captured, by the captured tensor. */
  readonly variableOf: ReadonlyMap<number, tf.Variable>;
}

/**
 * Runs the function once while its ops become nodes of a graph. A second reference to every variable's value is held during the run, so
 * that `assign` may insert nodes; afterwards every variable has its previous value. If the function created variables, it runs a second
 * time.
 *
 * @throws Error when the function reads a value, returns something other than tensors, draws numbers that would be frozen, or creates
 * variables each time it runs
 */
export function record(name: string, body: Body, args: Inputs): Recording {
  const made = new NewVariables();
  const recording = recordOnce(name, body, args, made);
  if (made.count === 0) return recording;
  recording.trace.dispose();
  const none = new NewVariables((variable) => {
    made.dispose();
    return createdEachTime(name, variable);
  });
  return recordOnce(name, body, args, none);
}

/** Returns the number of the handle with the present value of a captured tensor: that of its variable, if it has one. */
export function presentHandle({ variableOf }: Recording, captured: number): number {
  const variable = variableOf.get(captured);
  return variable ? idOf(variable) : captured;
}

/**
 * Runs the function once.
 *
 * @param made collects the variables that the function creates; they always have their initial values afterwards
 */
function recordOnce(name: string, body: Body, args: Inputs, made: NewVariables): Recording {
  const variables = Object.values(tf.engine().state.registeredVariables);
  const before = variables.map((variable) => ({
    variable,
    id: idOf(variable),
    value: tf.keep(variable.clone()),
  }));
  const types = flatten<tf.Tensor | number>(args).map(({ leaf }) => typeOf(leaf));
  const trace = new Trace(binding.handles);
  const run = () => {
    let next = 0;
    const input = () => wrap(trace.addInput(types[next]!.shape, types[next++]!.dtype));
    const inputs = args.map((arg) => mapNested<tf.Tensor | number, tf.Tensor>(arg, input));
    const returned = made.during(() => withFreshRandomness(name, () => body(...inputs))) as Nested<tf.Tensor>;
    refusePromise(name, returned);
    const leaves = flatten<unknown>(returned).map(({ path, leaf }) => resultId(name, path, leaf));
    const assigned = before
      .filter(({ variable, value }) => variable.dataId !== value.dataId)
      .map(({ variable }) => variable);
    let index = 0;
    const results = mapNested<tf.Tensor, number>(returned, () => index++);
    return { results, assigned, outputs: [...leaves, ...assigned.map(idOf)] };
  };
  const putBack = () => {
    for (const { variable, value } of before) {
      if (variable.dataId !== value.dataId) variable.assign(value);
      value.dispose();
    }
  };
  try {
    const traced = whileTracing(trace, run, putBack);
    made.initialise(name, trace, args);
    return { ...traced, trace, variableOf: new Map(before.map(({ id, variable }) => [id, variable])) };
  } catch (error) {
    made.initialise(name, trace, args);
    trace.dispose();
    throw error;
  }
}

/** Runs `run` inside `tf.tidy` while ops become nodes of the trace's graph. */
function whileTracing<T>(trace: Trace, run: () => T, afterwards: () => void): T {
  binding.trace = trace;
  backend.madeInside = new WeakSet();
  const close = () => {
    binding.trace = undefined;
    backend.madeInside = undefined;
    afterwards();
  };
  return unwinding(() => tf.tidy(() => run() as tf.TensorContainer) as T, close);
}

interface InputType {
  shape: readonly number[];
  dtype: number;
}

/** Returns the type of an argument. Call it before the trace opens, because a tensor's values may have to be uploaded first. */
function typeOf(leaf: tf.Tensor | number): InputType {
  if (typeof leaf === "number") return { shape: [], dtype: TF.FLOAT };
  return { shape: leaf.shape, dtype: binding.handles.describe(idOf(leaf)).dtype };
}

function resultId(name: string, path: string, leaf: unknown): number {
  if (leaf instanceof tf.Tensor) return idOf(leaf);
  const where = path ? ` at ${path}` : "";
  throw new Error(
    `${name} returned ${leaf === undefined ? "undefined" : JSON.stringify(leaf)}${where}: a compiled function ` +
      "returns tensors only, alone or in arrays and objects.",
  );
}

function refusePromise(name: string, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // Prevents an unhandled rejection: the function's own promise will reject too.
  returned.catch(() => {});
  throw new Error(
    `${name} is async: it waits for values (data, array, whereAsync, booleanMaskAsync), which a compiled function does not ` +
      "have while it is traced. Wait for them outside and pass them in.",
  );
}

const createdEachTime = (name: string, variable: string) =>
  new Error(
    `${name} creates a variable (${variable}): create it before and only assign to it. Only variables that are made once ` +
      "and then kept, like an optimizer's, may be created inside.",
  );
