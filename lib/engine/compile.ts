import * as tf from "@tensorflow/tfjs-core";
import { binding } from "./backend";
import { CompiledGraph } from "./compiled-graph";
import { flatten, mapNested } from "./nest";
import { refuseSecondTfjs } from "./one-tfjs";
import { type Precision, type PrecisionName, precisionOf, requireBfloat16 } from "./precision";
import { type OpTime, profile } from "./profile";
import { exclusively, unwinding } from "./queue";
import type { Body, Inputs } from "./record";
import type { FunctionSummary } from "./summary";

/** The arguments that a compiled function accepts: its own, with numbers allowed in place of scalars. */
export type Given<T> = T extends tf.Tensor
  ? tf.Scalar extends T
    ? T | number
    : T
  : { readonly [K in keyof T]: Given<T[K]> };

/** Options of `compile`. */
export interface CompileOptions {
  /** Shown in errors. Default: the function's name. */
  name?: string;
  /** `false` runs the same code op by op, for debugging. Default true. */
  compile?: boolean;
  /**
   * Compiles the function to machine code with XLA. Default false: on a CPU, the compilation takes seconds and the step is slower.
   */
  xla?: boolean;
  /**
   * `bf16-mixed` computes convolutions and matrix products in bfloat16 and everything else in float32. Default `32-true`. Throws where
   * the device does not benefit from it.
   */
  precision?: PrecisionName;
  /** Allows `bf16-mixed` also where it is slower; its numerics are the same on every device. Default false. */
  forcePrecision?: boolean;
}

/** A compiled function with methods to inspect it. */
export interface Compiled<P extends readonly unknown[], R> {
  /**
   * Runs the function. Inputs must stay alive until the promise resolves; the caller owns the results. Calls run one after another in
   * call order, and never block the event loop.
   *
   * @throws Error synchronously when it is called while another function is traced
   */
  (...args: Given<P>): Promise<R>;
  /** Returns a summary of each compiled graph in the order of compilation; empty before the first call. */
  summary(): FunctionSummary[];
  /** Measures the time of each kind of operation in one run, slowest first. Discards the results and changes no variables. */
  profile(...args: Given<P>): Promise<OpTime[]>;
  /** Frees the resources of the function. */
  dispose(): void;
}

/**
 * Compiles a function of tfjs code to one TensorFlow function, which runs as a whole outside the event loop.
 *
 * The function is traced once for each combination of shapes and dtypes: its code runs and its ops become nodes of a graph, but nothing
 * is computed. Each value that it reads is an argument, a variable (read at every call, so that an `assign` in between takes effect), or
 * frozen. **Numbers made in JavaScript inside are frozen**: pass them as arguments. Use `StatelessRng` for random numbers. `tf.dropout` and
 * `tf.multinomial` also draw new numbers at each call; tfjs's other random functions throw. `variable.assign(...)` inside becomes part of
 * the function: each call updates the variable. Therefore the optimizers of `tf.train` work, with a frozen learning rate. Variables that
 * they create at their first step get their initial value during tracing, and the function's code then runs a second time.
 *
 * @param fn takes and returns tensors, in arrays and objects of any depth; runs as inside `tf.tidy`
 * @throws Error when the function reads a tensor's value, returns something other than tensors, draws numbers that would be frozen, or
 * creates a variable each time it runs
 * @throws Error synchronously when two copies of tfjs are loaded
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
    precision: named = "32-true",
    forcePrecision = false,
  }: CompileOptions = {},
): Compiled<P, R> {
  refuseSecondTfjs();
  const precision = precisionOf(named);
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
    // Thrown synchronously, because a traced function does not await.
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

/** The number of graphs after which a warning is printed. A few batch sizes need this many; more indicate a mistake in the calls. */
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

/** Runs the function op by op. Numbers become scalars, as in the compiled function. */
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
