import type { TensorMetadata, TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { setAttribute } from "./attributes";
import type { Output, Pointer } from "./capi";
import { context } from "./context";
import { type Handles, newTensor } from "./handles";
import { groupInputs, ownAttributes } from "./op-signature";

interface Constant {
  shape: number[];
  dtype: number;
  values: ArrayLike<unknown>;
}

/**
 * A TensorFlow graph that grows as ops are called. Nothing is executed: TensorFlow's own inference gives the shapes.
 * Nodes are known by negative numbers, real tensors by positive ones. A real tensor that an op reads becomes a
 * constant when it was made during the trace, and otherwise one more input, so that its value is read at each run.
 */
export class Trace {
  /** Real tensors made while the trace is open. */
  readonly constants = new Map<number, Constant>();
  /** Real tensors from before the trace that it reads, in the order of the function's extra inputs. */
  readonly captured: number[] = [];
  private readonly graph: Pointer = context().c.newGraph();
  private readonly nodes = new Map<number, Output>();
  private readonly names = new Map<number, string>();
  private readonly inputs: Output[] = [];
  private next = -1;
  private operations = 0;

  constructor(private readonly handles: Handles) {}

  /** Adds an input of the function. */
  addInput(shape: readonly number[], dtype: number): TensorMetadata {
    const output = this.placeholder(shape, dtype);
    this.inputs.push(output);
    return this.register(output, "an input");
  }

  addOp(name: string, attributes: TFEOpAttr[], inputs: number[], outputs: number): TensorMetadata[] {
    const { c } = context();
    const nodes = inputs.map((id) => this.node(id));
    const operation = this.operation(name, (op) => {
      for (const input of groupInputs(name, nodes)) {
        if (Array.isArray(input)) c.addInputList(op, input, input.length);
        else c.addInput(op, input);
      }
      for (const attribute of ownAttributes(name, attributes)) setAttribute("graph", op, attribute);
    });
    return Array.from({ length: outputs }, (_, index) => this.register({ oper: operation, index }, name));
  }

  /** The op that made a node, for messages. */
  nameOf(id: number): string | undefined {
    return this.names.get(id);
  }

  /**
   * Closes the graph into a function and adds it to the context: first the inputs, then one for each captured tensor.
   */
  toFunction(name: string, outputs: readonly number[]): void {
    const { c, pointer, status, check } = context();
    // An identity each: a function may neither return an input as it is nor the same node twice.
    const results = outputs.map((id) => {
      const node = this.node(id);
      return { oper: this.operation("Identity", (op) => c.addInput(op, node)), index: 0 };
    });
    const inputs = [...this.inputs, ...this.captured.map((id) => this.nodes.get(id)!)];
    // -1: every operation of the graph is part of the function.
    const fn = c.graphToFunction(
      ...[
        this.graph,
        name,
        0,
        -1,
        null,
        inputs.length,
        inputs,
        results.length,
        results,
        null,
        null,
        null,
        status,
      ],
    );
    check(name);
    c.contextAddFunction(pointer, fn, status);
    c.deleteFunction(fn);
    check(name);
  }

  dispose(): void {
    context().c.deleteGraph(this.graph);
  }

  private node(id: number): Output {
    const known = this.nodes.get(id);
    if (known) return known;
    if (id < 0)
      throw new Error("A tensor of one compiled function is used in another; return it and pass it in.");
    const constant = this.constants.get(id);
    const node = constant ? this.constant(constant) : this.capture(id);
    this.nodes.set(id, node);
    return node;
  }

  private capture(id: number): Output {
    const { c, status, check } = context();
    const handle = this.handles.get(id);
    const rank: number = c.handleRank(handle, status);
    const shape = Array.from({ length: rank }, (_, axis) => Number(c.handleDim(handle, axis, status)));
    check("captured tensor");
    this.captured.push(id);
    return this.placeholder(shape, c.handleType(handle));
  }

  private constant({ shape, dtype, values }: Constant): Output {
    const { c, status } = context();
    const tensor = newTensor(shape, dtype, values);
    try {
      const build = (op: Pointer) => {
        c.setType(op, "dtype", dtype);
        c.setTensor(op, "value", tensor, status);
      };
      return { oper: this.operation("Const", build), index: 0 };
    } finally {
      c.deleteTensor(tensor);
    }
  }

  private placeholder(shape: readonly number[], dtype: number): Output {
    const { c } = context();
    const dims = BigInt64Array.from(shape, BigInt);
    const build = (op: Pointer) => {
      c.setType(op, "dtype", dtype);
      c.setShape(op, "shape", dims, dims.length);
    };
    return { oper: this.operation("Placeholder", build), index: 0 };
  }

  private operation(name: string, build: (op: Pointer) => void): Pointer {
    const { c, status, check } = context();
    const op = c.newOperation(this.graph, name, `${name}_${this.operations++}`);
    build(op);
    const operation = c.finishOperation(op, status);
    check(name);
    return operation;
  }

  private register(output: Output, name: string): TensorMetadata {
    const { c, status, check } = context();
    const rank: number = c.graphRank(this.graph, output, status);
    check(name);
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) c.graphShape(this.graph, output, dims, rank, status);
    check(name);
    const shape = Array.from(dims, Number);
    if (rank < 0 || shape.some((size) => size < 0)) {
      throw new Error(
        `The shape of ${name}'s result depends on values, which a compiled function does not have while it is traced. ` +
          "Use an op with a fixed shape, or compute it outside.",
      );
    }
    const id = this.next--;
    this.nodes.set(id, output);
    this.names.set(id, name);
    return { id, shape, dtype: c.outputType(output) };
  }
}
