import * as tf from "@tensorflow/tfjs-core";
import { binding } from "./backend";
import { CompiledGraph } from "./compiled-graph";
import { flatten, mapNested } from "./nest";
import { refuseSecondTfjs } from "./one-tfjs";
import { type Precision, requireBfloat16 } from "./precision";
import { type OpTime, profile } from "./profile";
import { exclusively } from "./queue";
import type { Body, Inputs } from "./record";
import type { FunctionSummary } from "./summary";
import { unwinding } from "./unwind";

/** What a compiled function may be called with: where it takes a scalar, a number will do. */
export type Given<T> = T extends tf.Tensor
  ? tf.Scalar extends T
    ? T | number
    : T
  : { readonly [K in keyof T]: Given<T[K]> };

/** How a function is compiled, or that it is not. */
export interface CompileOptions {
  /** Shown in errors. Default: the function's name. */
  name?: string;
  /** `false` runs the same code op by op, for debugging. Default true. */
  compile?: boolean;
  /**
   * Lets XLA compile the function to machine code. Default false: on a CPU it takes seconds to compile and the step is
   * slower.
   */
  xla?: boolean;
  /**
   * `bf16-mixed` does convolutions and matrix products in bfloat16, everything else in float32. Default `32-true`.
   * Refused where the device gains nothing by it.
   */
  precision?: Precision;
  /** Take `bf16-mixed` also where it only costs: its numerics are the same on every device. Default false. */
  forcePrecision?: boolean;
}

/** A compiled function, and what is known of it. */
export interface Compiled<P extends readonly unknown[], R> {
  /**
   * Runs the function. Inputs must stay alive until the promise resolves; the results belong to the caller.
   * Calls run one after another in the order made, and never block the event loop.
   *
   * @throws Error at once when it is called while another function is traced
   */
  (...args: Given<P>): Promise<R>;
  /** What each compiled graph consists of, in the order of compilation; empty before the first call. */
  summary(): FunctionSummary[];
  /** Runs the function, dropping results and leaving variables alone: where the time goes, slowest kind first. */
  profile(...args: Given<P>): Promise<OpTime[]>;
  /** Frees what the function holds. */
  dispose(): void;
}

/**
 * Compiles a function of tfjs code to one TensorFlow function, which then runs as a whole, off the event loop.
 *
 * The function is traced once for each combination of shapes and dtypes: its code runs, its ops become nodes of a
 * graph, nothing is computed. What it reads is either an argument, a variable (read at every call, so `assign` in
 * between is seen), or frozen. **Numbers made in JavaScript inside are frozen**: pass them as arguments. Random numbers are
 * those of `Draws`; `tf.dropout` and `tf.multinomial` are fresh at each call too, tfjs's other draws are refused.
 * `variable.assign(...)` inside becomes part of the function: each call updates the variable. So the optimizers of
 * `tf.train` work; their learning rate is a frozen number. Variables that they make at their first step get their initial
 * value while the function is traced, and its code then runs a second time.
 *
 * @param fn takes and returns tensors, in arrays and objects of any depth; works as under `tf.tidy`
 * @throws Error when the function reads a tensor's value, returns something that is no tensor, draws numbers that would be
 * frozen, or creates a variable each time it runs
 * @throws Error at once when two copies of tfjs are loaded
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
  {
    name = fn.name || "function",
    compile: compiled = true,
    xla = false,
    precision = "32-true",
    forcePrecision = false,
  }: CompileOptions = {},
): Compiled<P, R> {
  refuseSecondTfjs();
  const body = inPrecision(precision, fn as unknown as Body);
  const graphs = new Map<string, CompiledGraph>();
  const graphFor = (args: Inputs) => {
    const signature = signatureOf(name, args);
    let graph = graphs.get(signature);
    if (!graph) {
      warnOfRecompilation(name, graphs.size, [...graphs.keys()].at(-1), signature);
      graph = new CompiledGraph(name, body, args, signature, { xla });
      graphs.set(signature, graph);
    }
    return graph;
  };
  const checkPrecision = () => {
    if (precision === "bf16-mixed" && !forcePrecision) requireBfloat16();
  };
  const start = (args: Inputs) =>
    compiled ? graphFor(args).run(args) : Promise.resolve(eagerly(body, args));
  const run = (...args: Inputs) => {
    // Thrown at once: who traces awaits nothing.
    if (binding.trace)
      throw new Error(
        `${name} is compiled and was called inside another compiled function; call the plain function there.`,
      );
    return exclusively(async () => {
      checkPrecision();
      return start(args);
    });
  };
  const profiled = (...args: Inputs) => exclusively(async () => profile(name, body, args));
  const summary = () => [...graphs.values()].map((graph) => graph.summary);
  const dispose = () => {
    for (const graph of graphs.values()) graph.dispose();
    graphs.clear();
  };
  return Object.assign(run, { summary, profile: profiled, dispose }) as unknown as Compiled<P, R>;
}

function signatureOf(name: string, args: Inputs): string {
  return flatten<unknown>(args)
    .map(({ path, leaf }) => {
      if (typeof leaf === "number" || leaf instanceof tf.Tensor) return `${path}:${describe(leaf)}`;
      throw new TypeError(
        `${name} was called with ${leaf === null ? "null" : typeof leaf} as argument ${path}: a compiled function takes ` +
          "tensors and numbers, alone or in arrays and objects.",
      );
    })
    .join(" ");
}

function inPrecision(precision: Precision, fn: Body): Body {
  return (...args) => {
    const before = binding.precision;
    binding.precision = precision;
    const putBack = () => {
      binding.precision = before;
    };
    return unwinding(() => fn(...args), putBack);
  };
}

const describe = (leaf: tf.Tensor | number) =>
  typeof leaf === "number" ? "number" : `${leaf.dtype}[${leaf.shape.join(",")}]`;

/** So many graphs of one function are what a few batch sizes need; more are a mistake in how it is called. */
const USUAL_GRAPHS = 4;

function warnOfRecompilation(name: string, graphs: number, last: string | undefined, now: string): void {
  if (graphs < USUAL_GRAPHS || last === undefined) return;
  const before = last.split(" ");
  const changed = now
    .split(" ")
    .map((argument, i) => [before[i], argument] as const)
    .filter(([was, is]) => was !== is)
    .map(([was, is]) => `${was ?? "nothing"} → ${is}`);
  console.warn(
    `${name} is compiled for the ${graphs + 1}th time because its arguments changed: ${changed.join(", ")}. Each ` +
      "compilation takes time and memory; call it with the same shapes, for example by padding the last batch.",
  );
}

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
