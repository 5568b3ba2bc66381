import type * as tf from "@tensorflow/tfjs-core";
import { binding, idOf, replace, wrap } from "./backend";
import type { Pointer } from "./capi";
import { checkStatus, context } from "./context";
import { TF } from "./dtypes";
import type { Description } from "./handles";
import { memoryLimit, requireMemory } from "./memory";
import { flatten, mapNested, type Nested } from "./nest";
import { executes } from "./queue";
import { type Body, type Inputs, record } from "./record";
import { type FunctionSummary, summarise } from "./summary";

/** Options for running the graph. */
export interface GraphOptions {
  readonly xla: boolean;
}

let functions = 0;

/** One TensorFlow function: a traced function for arguments of given shapes and dtypes. */
export class CompiledGraph {
  readonly summary: FunctionSummary;
  private readonly functionName: string;
  /** The inputs of the graph besides its arguments: variables, read at each run, and shared handles of other tensors. */
  private readonly captured: (tf.Variable | number)[];
  /** The variables that each run replaces, in the order of the function's last outputs. */
  private readonly assigned: readonly tf.Variable[];
  private readonly results: Nested<number>;
  private readonly resultCount: number;
  private readonly outputs: readonly Description[];

  /** @throws Error when the function cannot be compiled; all variables are then unchanged */
  constructor(
    private readonly name: string,
    body: Body,
    args: Inputs,
    signature: string,
    private readonly options: GraphOptions,
  ) {
    this.functionName = `${name.replace(/\W/g, "_")}_${functions++}`;
    context(); // Loads TensorFlow before tracing begins.
    const started = performance.now();
    const { trace, outputs, results, assigned, variableOf } = record(name, body, args);
    try {
      const traced = performance.now();
      const fn = trace.toFunction(this.functionName, outputs);
      const seconds = { trace: (traced - started) / 1000, build: (performance.now() - traced) / 1000 };
      this.summary = summarise(signature, fn, seconds);
      this.results = results;
      this.outputs = fn.outputs;
      this.resultCount = outputs.length - assigned.length;
      this.assigned = assigned;
      this.captured = fn.captured.map((id) => variableOf.get(id) ?? binding.handles.share(id));
    } finally {
      trace.dispose();
    }
  }

  async run(args: Inputs): Promise<unknown> {
    const { c, pointer } = context();
    const { handles } = binding;
    requireMemory(this.name, this.summary.peakBytes, handles.bytes, () => this.fitting(args));
    const scalars: number[] = [];
    const inputs = flatten<tf.Tensor | number>(args).map(({ leaf }) => {
      if (typeof leaf !== "number") return idOf(leaf);
      const id = handles.create([], TF.FLOAT, [leaf]);
      scalars.push(id);
      return id;
    });
    const captured = this.captured.map((tensor) => (typeof tensor === "number" ? tensor : idOf(tensor)));
    const status = c.newStatus();
    const op = c.newOp(pointer, this.functionName, status);
    try {
      checkStatus(c, status, this.name);
      if (this.options.xla) c.opSetBool(op, "_XlaMustCompile", 1);
      for (const id of [...inputs, ...captured]) c.opAddInput(op, handles.get(id), status);
      checkStatus(c, status, this.name);
      const made = await execute(op, this.outputs.length, status, this.name);
      const outputs = made.map((handle, i) => handles.adopt(handle, this.outputs[i]));
      this.assigned.forEach((variable, i) => {
        replace(variable, outputs[this.resultCount + i]!);
      });
      return mapNested<number, tf.Tensor>(this.results, (index) => wrap(outputs[index]!));
    } finally {
      c.deleteOp(op);
      c.deleteStatus(status);
      for (const id of scalars) handles.delete(id);
    }
  }

  /** Returns advice on a batch size that would fit. The function's memory grows with the rows of its arguments. */
  private fitting(args: Inputs): string {
    const rows = flatten<tf.Tensor | number>(args)
      .map(({ leaf }) => (typeof leaf === "number" ? undefined : leaf.shape[0]))
      .find((size) => size !== undefined);
    const free = memoryLimit() - binding.handles.bytes;
    const fits = Math.floor(((rows ?? 0) * free) / this.summary.peakBytes);
    return fits > 0
      ? `The arguments have ${rows} rows; about ${fits} would fit.`
      : "No batch would fit: dispose of tensors that are not needed any more, or make the model smaller.";
  }

  dispose(): void {
    const { c, pointer, status } = context();
    c.contextRemoveFunction(pointer, this.functionName, status);
    for (const tensor of this.captured) if (typeof tensor === "number") binding.handles.delete(tensor);
  }
}

/** Runs `TFE_Execute` on a separate thread. */
async function execute(op: Pointer, outputs: number, status: Pointer, name: string): Promise<Pointer[]> {
  const { c } = context();
  const handles: Pointer[] = new Array(outputs).fill(null);
  const ended = executes();
  return new Promise((resolve, reject) => {
    c.execute.async(op, handles, [outputs], status, (failure: Error | null) => {
      ended();
      try {
        if (failure) throw failure;
        checkStatus(c, status, name);
        resolve(handles);
      } catch (error) {
        reject(error);
      }
    });
  });
}
