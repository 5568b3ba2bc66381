import * as tf from "@tensorflow/tfjs-core";
import { binding } from "./backend";
import { type Body, CompiledGraph, type Inputs } from "./compiled-graph";
import { flatten, mapNested } from "./nest";

/** What a compiled function may be called with: where it takes a scalar, a number will do. */
export type Given<T> = T extends tf.Tensor
  ? tf.Scalar extends T
    ? T | number
    : T
  : { readonly [K in keyof T]: Given<T[K]> };

export interface CompileOptions {
  /** Shown in errors. Default: the function's name. */
  name?: string;
  /** `false` runs the same code op by op, for debugging. Default true. */
  compile?: boolean;
}

export interface Compiled<P extends readonly unknown[], R> {
  /**
   * Runs the function. Inputs must stay alive until the promise resolves; the results belong to the caller.
   * Calls run one after another in the order made, and never block the event loop.
   */
  (...args: Given<P>): Promise<R>;
  /** Frees what the function holds. */
  dispose(): void;
}

/**
 * Compiles a function of tfjs code to one TensorFlow function, which then runs as a whole, off the event loop.
 *
 * The function is traced once for each combination of shapes and dtypes: its code runs, its ops become nodes of a
 * graph, nothing is computed. What it reads is either an argument, a variable (read at every call, so `assign` in
 * between is seen), or frozen. **Numbers and random draws made in JavaScript inside are frozen**: pass them as arguments.
 * `variable.assign(...)` inside becomes part of the function: each call updates the variable.
 *
 * @param fn takes and returns tensors, in arrays and objects of any depth; works as under `tf.tidy`
 * @throws Error when the function reads a tensor's value, returns something that is no tensor, or creates a variable
 * @example
 * const w = tf.variable(tf.zeros([3]));
 * const step = compile(({ x, lr }: { x: tf.Tensor; lr: tf.Scalar }) => {
 *   const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.sub(x, w))), [w]);
 *   w.assign(tf.sub(w, tf.mul(lr, grads[w.name]!)));
 *   return value;
 * });
 * const loss = await step({ x: tf.tensor([1, 2, 3]), lr: 0.1 });
 */
export function compile<P extends readonly unknown[], R>(
  fn: (...args: P) => R,
  { name = fn.name || "function", compile: compiled = true }: CompileOptions = {},
): Compiled<P, R> {
  const body = fn as unknown as Body;
  const graphs = new Map<string, CompiledGraph>();
  const run = (...args: Inputs) => {
    if (binding.trace)
      throw new Error(
        `${name} is compiled and was called inside another compiled function; call the plain function there.`,
      );
    return exclusively(() => {
      if (!compiled) return Promise.resolve(eagerly(body, args));
      const signature = flatten<tf.Tensor | number>(args).map(
        ({ path, leaf }) => `${path}:${describe(leaf)}`,
      );
      const key = signature.join(" ");
      let graph = graphs.get(key);
      if (!graph) {
        graph = new CompiledGraph(name, body, args);
        graphs.set(key, graph);
      }
      return graph.run(args);
    });
  };
  const dispose = () => {
    for (const graph of graphs.values()) graph.dispose();
    graphs.clear();
  };
  return Object.assign(run, { dispose }) as unknown as Compiled<P, R>;
}

const describe = (leaf: tf.Tensor | number) =>
  typeof leaf === "number" ? "number" : `${leaf.dtype}[${leaf.shape.join(",")}]`;

/** Runs the function op by op; numbers become scalars, as in the compiled function. */
function eagerly(fn: Body, args: Inputs): unknown {
  return tf.tidy(() => {
    const tensors = args.map((arg) =>
      mapNested<tf.Tensor | number, tf.Tensor>(arg, (leaf) =>
        typeof leaf === "number" ? tf.scalar(leaf) : leaf,
      ),
    );
    const result = fn(...tensors) as tf.TensorContainer;
    return result;
  });
}

let last: Promise<unknown> = Promise.resolve();

/** Two steps never run at once: both would read and replace the same variables. */
function exclusively<T>(start: () => Promise<T>): Promise<T> {
  const mine = last.then(start, start);
  last = mine.catch(() => {});
  return mine;
}
