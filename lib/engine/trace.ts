import type { TensorMetadata, TFEOpAttr } from "#tfjs/backend";
import { ATTR, setAttribute } from "./attributes";
import type { Output, Pointer } from "./capi";
import { context } from "./context";
import { TF } from "./dtypes";
import { type Constant, isUniform, keyOf } from "./graph-constants";
import { type Description, type Handles, newTensor } from "./handles";
import { groupInputs, ownAttributes } from "./op-signature";

/** A tensor of the graph: an output of an operation, with the shape and type that TensorFlow inferred. */
export interface TracedTensor {
  readonly output: Output;
  readonly op: TracedOp;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An operation of the graph. */
export interface TracedOp {
  /** TensorFlow's name of the kind, such as `Conv3D`. */
  readonly kind: string;
  readonly operation: Pointer;
  readonly inputs: readonly TracedTensor[];
  readonly outputs: TracedTensor[];
  readonly attributes: readonly TFEOpAttr[];
}

/** The function that a trace was closed into. */
export interface TracedFunction {
  /** The operations that the outputs need, in the order they were called. */
  readonly ops: readonly TracedOp[];
  /** The tensors from before the trace that these operations read. They are the function's inputs after the explicit ones. */
  readonly captured: readonly number[];
  /** The shapes and types of the function's outputs, which are fixed. */
  readonly outputs: readonly Description[];
  /** The number of operations that no output needs. */
  readonly dropped: number;
}

/**
 * A TensorFlow graph that grows as ops are called. Nothing is executed: TensorFlow infers the shapes. Nodes have negative numbers, real
 * tensors positive ones. A real tensor that an op reads becomes a constant if it was created during the trace, and otherwise an
 * additional input, so that its value is read at each run.
 */
export class Trace {
  /** Real tensors made while the trace is open. */
  readonly constants = new Map<number, Constant>();
  readonly graph: Pointer = context().c.newGraph();
  private readonly tensors = new Map<number, TracedTensor>();
  private readonly inputs: TracedTensor[] = [];
  private readonly captured: number[] = [];
  private readonly ops: TracedOp[] = [];
  private readonly small = new Map<string, TracedTensor>();
  private next = -1;
  private operations = 0;
  private unknownSizes = false;

  constructor(private readonly handles: Handles) {}

  /** Adds an input of the function. */
  addInput(shape: readonly number[], dtype: number): TensorMetadata {
    const input = this.placeholder(shape, dtype);
    this.inputs.push(input);
    return this.number(input);
  }

  addOp(kind: string, attributes: TFEOpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const tensors = inputs.map((id) => this.tensor(id));
    return this.add(kind, attributes, tensors, outputs).outputs.map((output) => this.number(output));
  }

  /** Runs a function whose ops may have results with unknown sizes, which are -1. */
  withUnknownSizes<T>(run: () => T): T {
    const before = this.unknownSizes;
    this.unknownSizes = true;
    try {
      return run();
    } finally {
      this.unknownSizes = before;
    }
  }

  /** Returns the op that created a node, for messages. */
  nameOf(id: number): string | undefined {
    return this.tensors.get(id)?.op.kind;
  }

  /** Returns TensorFlow's number of a node's type. */
  dtypeOf(id: number): number {
    return this.tensor(id).dtype;
  }

  /**
   * Closes the graph into a function and adds it to the context: its arguments are the inputs, then the captured tensors. Operations that
   * no output needs are removed.
   */
  toFunction(name: string, outputs: readonly number[]): TracedFunction {
    const { c, pointer, status, check } = context();
    const { inputs, captured, ops, results } = this.between(outputs);
    const given = [...inputs, ...captured.map(({ tensor }) => tensor)].map(({ output }) => output);
    const operations = ops.map(({ operation }) => operation);
    const fn = c.graphToFunction(
      this.graph,
      name,
      0,
      operations.length,
      operations,
      given.length,
      given,
      results.length,
      results.map(({ output }) => output),
      null,
      null,
      null,
      status,
    );
    check(name);
    c.contextAddFunction(pointer, fn, status);
    c.deleteFunction(fn);
    check(name);
    const called = this.ops.filter(({ kind }) => kind !== PLACEHOLDER);
    return {
      ops,
      captured: captured.map(({ id }) => id),
      outputs: results.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
      dropped: called.length - ops.length,
    };
  }

  /** Returns the inputs, the captured tensors, the results, and the operations between them, in their order. */
  between(outputs: readonly number[]): {
    inputs: readonly TracedTensor[];
    captured: readonly { id: number; tensor: TracedTensor }[];
    ops: readonly TracedOp[];
    results: readonly TracedTensor[];
  } {
    // Each result gets an identity op: a function may neither return an input directly nor the same node twice.
    const results = outputs.map((id) => this.add("Identity", [], [this.tensor(id)], 1).outputs[0]!);
    const needed = ancestors(results);
    const captured = this.captured.map((id) => ({ id, tensor: this.tensors.get(id)! }));
    return {
      inputs: this.inputs,
      captured: captured.filter(({ tensor }) => needed.has(tensor.op)),
      ops: this.ops.filter((op) => op.kind !== PLACEHOLDER && needed.has(op)),
      results,
    };
  }

  dispose(): void {
    context().c.deleteGraph(this.graph);
  }

  private add(kind: string, attributes: TFEOpAttr[], inputs: TracedTensor[], outputs: number): TracedOp {
    const { c } = context();
    return this.operation(kind, attributes, inputs, outputs, (op) => {
      const nodes = inputs.map(({ output }) => output);
      for (const input of groupInputs(kind, nodes)) {
        if (Array.isArray(input)) c.addInputList(op, input, input.length);
        else c.addInput(op, input);
      }
      for (const attribute of ownAttributes(kind, attributes)) setAttribute("graph", op, attribute);
    });
  }

  private tensor(id: number): TracedTensor {
    const known = this.tensors.get(id);
    if (known) return known;
    if (id < 0)
      throw new Error("A tensor of one compiled function is used in another; return it and pass it in.");
    const constant = this.constants.get(id);
    const tensor = constant ? this.constant(constant) : this.capture(id);
    this.tensors.set(id, tensor);
    return tensor;
  }

  private capture(id: number): TracedTensor {
    const { shape, dtype } = this.handles.describe(id);
    this.captured.push(id);
    return this.placeholder(shape, dtype);
  }

  private constant(given: Constant): TracedTensor {
    if (!isUniform(given)) return this.stored(given);
    // A tensor of equal values, such as the zeros or ones of many gradients, is created when needed instead of stored in the graph.
    const value = { shape: [], dtype: given.dtype, values: given.values.slice(0, 1) };
    const dims = { shape: [given.shape.length], dtype: TF.INT32, values: Int32Array.from(given.shape) };
    return this.add("Fill", [], [this.stored(dims), this.stored(value)], 1).outputs[0]!;
  }

  /** Adds a constant. Equal small constants, such as a factor or the shape of a reshape, share one node. */
  private stored(given: Constant): TracedTensor {
    const key = keyOf(given);
    if (key === undefined) return this.store(given);
    const known = this.small.get(key) ?? this.store(given);
    this.small.set(key, known);
    return known;
  }

  private store({ shape, dtype, values }: Constant): TracedTensor {
    const { c, status } = context();
    const tensor = newTensor(shape, dtype, values);
    try {
      const attributes = [{ name: "dtype", type: ATTR.TYPE, value: dtype }];
      return this.operation("Const", attributes, [], 1, (op) => {
        c.setType(op, "dtype", dtype);
        c.setTensor(op, "value", tensor, status);
      }).outputs[0]!;
    } finally {
      c.deleteTensor(tensor);
    }
  }

  private placeholder(shape: readonly number[], dtype: number): TracedTensor {
    return this.add(
      PLACEHOLDER,
      [
        { name: "dtype", type: ATTR.TYPE, value: dtype },
        { name: "shape", type: ATTR.SHAPE, value: [...shape] },
      ],
      [],
      1,
    ).outputs[0]!;
  }

  private operation(
    kind: string,
    attributes: TFEOpAttr[],
    inputs: TracedTensor[],
    outputs: number,
    build: (op: Pointer) => void,
  ): TracedOp {
    const { c, status, check } = context();
    const description = c.newOperation(this.graph, kind, `${kind}_${this.operations++}`);
    build(description);
    const operation: Pointer = c.finishOperation(description, status);
    check(kind);
    const op: TracedOp = { kind, operation, inputs, outputs: [], attributes };
    for (let index = 0; index < outputs; index++) {
      const output = { oper: operation, index };
      op.outputs.push({ output, op, shape: this.inferredShape(output, kind), dtype: c.outputType(output) });
    }
    this.ops.push(op);
    return op;
  }

  private inferredShape(output: Output, kind: string): number[] {
    const { c, status, check } = context();
    const rank: number = c.graphRank(this.graph, output, status);
    check(kind);
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) c.graphShape(this.graph, output, dims, rank, status);
    check(kind);
    const shape = Array.from(dims, Number);
    if (rank < 0 || (!this.unknownSizes && shape.some((size) => size < 0))) {
      throw new Error(
        `The shape of ${kind}'s result depends on values, which a compiled function does not have while it is traced. ` +
          "Use an op with a fixed shape, or compute it outside.",
      );
    }
    return shape;
  }

  private number(tensor: TracedTensor): TensorMetadata {
    const id = this.next--;
    this.tensors.set(id, tensor);
    return { id, shape: [...tensor.shape], dtype: tensor.dtype };
  }
}

const PLACEHOLDER = "Placeholder";

/** Returns the operations that some tensors depend on. */
function ancestors(tensors: readonly TracedTensor[]): Set<TracedOp> {
  const found = new Set<TracedOp>();
  const open = tensors.map(({ op }) => op);
  for (let op = open.pop(); op; op = open.pop()) {
    if (found.has(op)) continue;
    found.add(op);
    for (const input of op.inputs) open.push(input.op);
  }
  return found;
}
