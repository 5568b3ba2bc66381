import * as tf from "@tensorflow/tfjs-core";
import { binding, idOf, replace } from "./backend";
import { context } from "./context";
import { TF } from "./dtypes";
import { flatten, type Nested } from "./nest";
import { unwinding } from "./queue";
import type { Trace } from "./trace";

/**
 * Tracks variables that a function creates while it is traced, as tfjs's optimizers do for their moments at the first step. A variable
 * needs a value between calls, so its initial value is computed immediately. The function is then traced again and finds the existing
 * variable. (TensorFlow's `tf.function` does the same.)
 */
export class NewVariables {
  private made: { variable: tf.Variable; initial: number }[] = [];

  /** @param refuse returns the error for a function that may not create variables, given the name of the first one */
  constructor(private readonly refuse?: (variable: string) => Error) {}

  get count(): number {
    return this.made.length;
  }

  /** Runs code and records the variables that it creates, each with the node of its initial value. */
  during<T>(code: () => T): T {
    const engine = tf.engine();
    engine.makeVariable = (...args) => {
      if (this.refuse) throw this.refuse(args[2] ?? "without a name");
      const variable: tf.Variable = Object.getPrototypeOf(engine).makeVariable.apply(engine, args);
      this.made.push({ variable, initial: idOf(variable) });
      return variable;
    };
    return unwinding(code, () => {
      // Restores the method of the prototype.
      delete (engine as Partial<typeof engine>).makeVariable;
    });
  }

  /**
   * Gives each variable its initial value, even if the function fails, because the code that created the variable, such as an optimizer, keeps it. The trace
   * must be closed and not yet disposed of.
   */
  initialise(name: string, trace: Trace, args: Arguments): void {
    if (this.made.length === 0) return;
    const initial = this.made.map(({ initial }) => initial);
    const values = evaluate(`${name.replace(/\W/g, "_")}_initial`, trace, initial, args);
    for (const [i, { variable }] of this.made.entries()) replace(variable, values[i]!);
  }

  dispose(): void {
    for (const { variable } of this.made) variable.dispose();
    this.made = [];
  }
}

type Arguments = readonly Nested<tf.Tensor | number>[];

/** Computes the values of some nodes of a trace for its arguments. Blocks the event loop. */
function evaluate(functionName: string, trace: Trace, nodes: readonly number[], args: Arguments) {
  const { c, pointer, status, check } = context();
  const { handles } = binding;
  const { captured } = trace.toFunction(functionName, nodes);
  const op = c.newOp(pointer, functionName, status);
  const scalars: number[] = [];
  try {
    check(functionName);
    const inputs = flatten<tf.Tensor | number>(args).map(({ leaf }) => {
      if (typeof leaf !== "number") return idOf(leaf);
      scalars.push(handles.create([], TF.FLOAT, [leaf]));
      return scalars.at(-1)!;
    });
    for (const id of [...inputs, ...captured]) c.opAddInput(op, handles.get(id), status);
    check(functionName);
    const results: bigint[] = new Array(nodes.length).fill(null);
    c.execute(op, results, [nodes.length], status);
    check(functionName);
    return results.map((handle) => handles.adopt(handle));
  } finally {
    c.deleteOp(op);
    c.contextRemoveFunction(pointer, functionName, status);
    for (const id of scalars) handles.delete(id);
  }
}
