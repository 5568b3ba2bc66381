import type { PortableNode, Size } from "../graph/portable-graph";
import type { OnnxGraph } from "./graph";
import type { Attribute } from "./proto";

/** An operation of TensorFlow that becomes nodes of ONNX. */
export class Operation {
  constructor(
    readonly node: PortableNode,
    private readonly graph: OnnxGraph,
  ) {}

  /** The number of inputs. */
  get count(): number {
    return this.node.inputs.length;
  }

  /** The rank of the first output. */
  get rank(): number {
    return this.node.outputs[0]!.rank;
  }

  /** Returns the name of an input. */
  input(at: number): string {
    return this.graph.use(this.node.inputs[at]!);
  }

  /** Returns the names of the first inputs. Default: all */
  inputs(count = this.count): string[] {
    return Array.from({ length: count }, (_, at) => this.input(at));
  }

  /** Returns an attribute, or a default when it was not given. */
  attribute<T>(name: string, otherwise: T): T {
    return (this.node.attributes.find((each) => each.name === name)?.value as T | undefined) ?? otherwise;
  }

  /** Returns the values of an input that is a constant for every batch size. @throws RangeError for another one */
  fixed(at: number): { shape: readonly number[]; values: number[] } {
    const constant = this.graph.constantOf(this.node.inputs[at]!);
    if (constant?.kind !== "fixed") throw this.unsupported(`its input ${at} is computed`);
    return { shape: constant.shape, values: Array.from(constant.values as ArrayLike<number>, Number) };
  }

  /** Returns the whole numbers of an input that may depend on the batch size. @throws RangeError for a computed one */
  sizes(at: number): readonly (number | Size)[] {
    const constant = this.graph.constantOf(this.node.inputs[at]!);
    return constant?.kind === "sizes" ? constant.values : this.fixed(at).values;
  }

  /** Adds a node whose output is that of the operation. */
  result(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): void {
    this.graph.add(op, inputs, attributes, this.graph.outputsOf(this.node));
  }

  /** Adds a node before the result. */
  step(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.graph.add(op, inputs, attributes);
  }

  /** Adds a constant of whole numbers. */
  numbers(values: readonly (number | Size)[]): string {
    return this.graph.sizes(values);
  }

  /** Adds a constant of numbers. */
  floats(shape: readonly number[], values: Float32Array): string {
    return this.graph.initializer(1, shape, values);
  }

  /** Cuts the first input into the operation's outputs along an axis, which the outputs do not have. */
  unpack(axis: number): void {
    const names = this.graph.outputsOf(this.node);
    const [at, parts] = [this.numbers([axis]), names.map((name) => `${name}/part`)];
    if (parts.length > 1) this.graph.add("Split", [this.input(0)], { axis }, parts);
    else this.graph.add("Identity", [this.input(0)], {}, parts);
    names.forEach((name, i) => {
      this.graph.add("Squeeze", [parts[i]!, at], {}, [name]);
    });
  }

  /** Returns the error of an operation that cannot be converted. */
  unsupported(reason: string): RangeError {
    const { kind } = this.node;
    return new RangeError(
      `computes ${kind} of TensorFlow, which cannot be exported to ONNX: ${reason}; use --to saved-model`,
    );
  }
}

/** Returns padding in ONNX' order, the amounts before all axes and then those after them, from TensorFlow's pairs. */
export const padsFrom = (pairs: readonly number[]): number[] => [
  ...pairs.filter((_, i) => i % 2 === 0),
  ...pairs.filter((_, i) => i % 2 === 1),
];

/** Adds the nodes of an operation. */
export type Convert = (operation: Operation) => void;
