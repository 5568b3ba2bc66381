import * as tf from "@tensorflow/tfjs-core";
import { backend, binding, idOf, wrap } from "./backend";
import { TF } from "./dtypes";
import { flatten, mapNested, type Nested } from "./nest";
import { withFreshDraws } from "./random-in-trace";
import { Trace } from "./trace";

/** The arguments of a call. */
export type Inputs = readonly Nested<tf.Tensor | number>[];
/** The function as it is traced: numbers have become scalars. */
export type Body = (...args: Nested<tf.Tensor>[]) => unknown;

/** A function's code as a graph, not yet given to TensorFlow. */
export interface Recording {
  /** The caller disposes it. */
  readonly trace: Trace;
  /** Nodes of the results, then of the new values of the assigned variables. */
  readonly outputs: readonly number[];
  /** The results as they were returned, each leaf its place in `outputs`. */
  readonly results: Nested<number>;
  readonly assigned: readonly tf.Variable[];
  /** The variable that a captured tensor was the value of. */
  readonly variableOf: ReadonlyMap<number, tf.Variable>;
}

/**
 * Runs the function once while its ops become nodes of a graph. A second reference on every variable is held meanwhile,
 * so that `assign` may put nodes in; afterwards every variable is as before.
 *
 * @throws Error when the function reads a value, returns something that is no tensor, draws numbers
 * that would be frozen, or makes a variable
 */
export function record(name: string, body: Body, args: Inputs): Recording {
  const variables = Object.values(tf.engine().state.registeredVariables);
  const before = variables.map((variable) => ({
    variable,
    id: idOf(variable),
    value: tf.keep(variable.clone()),
  }));
  const types = flatten<tf.Tensor | number>(args).map(({ leaf }) => typeOf(leaf));
  const trace = new Trace(binding.handles);
  binding.trace = trace;
  backend.madeInside = new WeakSet();
  try {
    const traced = tf.tidy(() => {
      let next = 0;
      const input = () => wrap(trace.addInput(types[next]!.shape, types[next++]!.dtype));
      const inputs = args.map((arg) => mapNested<tf.Tensor | number, tf.Tensor>(arg, input));
      const returned = withFreshDraws(name, () => body(...inputs)) as Nested<tf.Tensor>;
      refusePromise(name, returned);
      const leaves = flatten<unknown>(returned).map(({ path, leaf }) => resultId(name, path, leaf));
      refuseNewVariables(name, variables);
      const assigned = before
        .filter(({ variable, value }) => variable.dataId !== value.dataId)
        .map(({ variable }) => variable);
      let index = 0;
      const results = mapNested<tf.Tensor, number>(returned, () => index++);
      return {
        results,
        assigned,
        outputs: [...leaves, ...assigned.map(idOf)],
      } as unknown as tf.TensorContainerObject;
    }) as unknown as Pick<Recording, "results" | "assigned" | "outputs">;
    return { ...traced, trace, variableOf: new Map(before.map(({ id, variable }) => [id, variable])) };
  } catch (error) {
    trace.dispose();
    throw error;
  } finally {
    binding.trace = undefined;
    backend.madeInside = undefined;
    for (const { variable, value } of before) {
      if (variable.dataId !== value.dataId) variable.assign(value);
      value.dispose();
    }
  }
}

interface InputType {
  shape: readonly number[];
  dtype: number;
}

/** Read before the trace is open: a tensor's values may first have to go to TensorFlow. */
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
  // What it waited for fails too, and nobody else will hear of that.
  returned.catch(() => {});
  throw new Error(
    `${name} is async: it waits for values (data, array, whereAsync, booleanMaskAsync), which a compiled function does not ` +
      "have while it is traced. Wait for them outside and pass them in.",
  );
}

function refuseNewVariables(name: string, known: tf.Variable[]): void {
  const created = Object.values(tf.engine().state.registeredVariables).filter((v) => !known.includes(v));
  if (created.length === 0) return;
  for (const variable of created) variable.dispose();
  throw new Error(
    `${name} creates a variable (${created.map((v) => v.name).join(", ")}): create it before and only assign to it.`,
  );
}
