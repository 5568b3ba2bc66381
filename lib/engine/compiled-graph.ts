import * as tf from "@tensorflow/tfjs-core";
import { binding, idOf, replace, wrap } from "./backend";
import type { Pointer } from "./capi";
import { checkStatus, context } from "./context";
import { TF } from "./dtypes";
import { flatten, mapNested, type Nested } from "./nest";
import { type FunctionSummary, summarise } from "./summary";
import { Trace } from "./trace";

/** The arguments of a call. */
export type Inputs = readonly Nested<tf.Tensor | number>[];
/** The function as it is traced: numbers have become scalars. */
export type Body = (...args: Nested<tf.Tensor>[]) => unknown;

/** How the graph is run. */
export interface GraphOptions {
  readonly xla: boolean;
}

interface Traced {
  results: Nested<number>;
  count: number;
  assigned: tf.Variable[];
  captured: readonly number[];
  summary: FunctionSummary;
}

let functions = 0;

/** One TensorFlow function: a traced function for arguments of given shapes and dtypes. */
export class CompiledGraph {
  private readonly functionName: string;
  /** What the graph reads beside its arguments: variables at their value of the moment, other tensors as shared. */
  private readonly captured: (tf.Variable | number)[];
  /** The variables that each run replaces, in the order of the function's last outputs. */
  private readonly assigned: tf.Variable[];
  private readonly results: Nested<number>;
  private readonly resultCount: number;
  readonly summary: FunctionSummary;

  /** @throws Error when the function cannot be compiled; every variable is then as before */
  constructor(
    private readonly name: string,
    body: Body,
    args: Inputs,
    signature: string,
    private readonly options: GraphOptions,
  ) {
    this.functionName = `${name.replace(/\W/g, "_")}_${functions++}`;
    const variables = Object.values(tf.engine().state.registeredVariables);
    const before = variables.map((variable) => ({
      variable,
      id: idOf(variable),
      value: tf.keep(variable.clone()),
    }));
    const started = performance.now();
    const trace = new Trace(binding.handles);
    binding.trace = trace;
    try {
      const traced = tf.tidy(() => {
        const inputs = args.map((arg) =>
          mapNested<tf.Tensor | number, tf.Tensor>(arg, (leaf) => addInput(trace, leaf)),
        );
        const returned = body(...inputs) as Nested<tf.Tensor>;
        const leaves = flatten<unknown>(returned).map(({ path, leaf }) => this.resultId(path, leaf));
        const assigned = before.filter(({ variable, value }) => variable.dataId !== value.dataId);
        this.refuseNewVariables(variables);
        const outputs = [...leaves, ...assigned.map(({ variable }) => idOf(variable))];
        const built = performance.now();
        const traced = trace.toFunction(this.functionName, outputs);
        let index = 0;
        return {
          results: mapNested<tf.Tensor, number>(returned, () => index++),
          count: leaves.length,
          assigned: assigned.map(({ variable }) => variable),
          captured: traced.captured,
          summary: summarise(signature, traced, {
            trace: (built - started) / 1000,
            build: (performance.now() - built) / 1000,
          }),
        } as unknown as tf.TensorContainerObject;
      }) as unknown as Traced;
      this.results = traced.results;
      this.resultCount = traced.count;
      this.assigned = traced.assigned;
      const variableOf = new Map(before.map(({ id, variable }) => [id, variable]));
      this.summary = traced.summary;
      this.captured = traced.captured.map((id) => variableOf.get(id) ?? binding.handles.share(id));
    } finally {
      binding.trace = undefined;
      for (const { variable, value } of before) {
        if (variable.dataId !== value.dataId) variable.assign(value);
        value.dispose();
      }
      trace.dispose();
    }
  }

  async run(args: Inputs): Promise<unknown> {
    const { c, pointer } = context();
    const { handles } = binding;
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
      const outputs = (await execute(op, this.resultCount + this.assigned.length, status, this.name)).map(
        (handle) => handles.adopt(handle),
      );
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

  dispose(): void {
    const { c, pointer, status } = context();
    c.contextRemoveFunction(pointer, this.functionName, status);
    for (const tensor of this.captured) if (typeof tensor === "number") binding.handles.delete(tensor);
  }

  private resultId(path: string, leaf: unknown): number {
    if (leaf instanceof tf.Tensor) return idOf(leaf);
    const where = path ? ` at ${path}` : "";
    throw new Error(
      `${this.name} returned ${leaf === undefined ? "undefined" : JSON.stringify(leaf)}${where}: a compiled function ` +
        "returns tensors only, alone or in arrays and objects.",
    );
  }

  private refuseNewVariables(known: tf.Variable[]): void {
    const created = Object.values(tf.engine().state.registeredVariables).filter((v) => !known.includes(v));
    if (created.length === 0) return;
    for (const variable of created) variable.dispose();
    throw new Error(
      `${this.name} creates a variable (${created.map((v) => v.name).join(", ")}): create it before and only assign to it.`,
    );
  }
}

function addInput(trace: Trace, leaf: tf.Tensor | number): tf.Tensor {
  if (typeof leaf === "number") return wrap(trace.addInput([], TF.FLOAT));
  const { c } = context();
  return wrap(trace.addInput(leaf.shape, c.handleType(binding.handles.get(idOf(leaf)))));
}

/** `TFE_Execute` on a thread of its own. */
function execute(op: Pointer, outputs: number, status: Pointer, name: string): Promise<Pointer[]> {
  const { c } = context();
  const handles: Pointer[] = new Array(outputs).fill(null);
  return new Promise((resolve, reject) => {
    c.execute.async(op, handles, [outputs], status, (failure: Error | null) => {
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
