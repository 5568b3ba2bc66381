import type { FrozenGraph, FrozenTensor, FrozenValue } from "../../engine/frozen-graph";
import type {
  PortableConstant,
  PortableGraph,
  PortableInput,
  PortableNode,
  PortableTensor,
  Size,
} from "./portable-graph";

/** The batch sizes of the graphs that are compared: two determine how a size depends on them, the third one checks it. */
export const BATCHES = [2, 3, 5] as const;

/**
 * Combines graphs of one function for the batch sizes `BATCHES`.
 *
 * @param inputs all arguments of the function; those that it does not read are left out
 * @throws RangeError when the function depends on the batch size in a way that no graph for all sizes has
 */
export function portable(graphs: readonly FrozenGraph[], inputs: readonly PortableInput[]): PortableGraph {
  const [first, ...others] = graphs as [FrozenGraph, ...FrozenGraph[]];
  const tensors = new PortableTensors(first, inputs);
  const nodes = first.nodes.map((node, i): PortableNode => {
    const same = [node, ...others.map((graph) => graph.nodes[i])];
    if (same.some((each) => each?.kind !== node.kind || each.inputs.length !== node.inputs.length))
      throw unlike(node.kind);
    return {
      name: nodeName(first, i),
      kind: node.kind,
      attributes: node.attributes,
      definitions: node.definitions,
      inputs: node.inputs.map((_, at) =>
        tensors.of(
          same.map((each) => each!.inputs[at]!),
          node.kind,
        ),
      ),
      outputs: node.outputs.map(({ shape, dtype }) => ({ rank: shape.length, dtype })),
    };
  });
  const result = tensors.of(
    graphs.map(({ results }) => results[0]!),
    "the result",
  );
  const { constants, used } = tensors;
  return { inputs: inputs.filter((_, i) => used.has(i)), nodes, constants, result };
}

const nodeName = ({ nodes }: FrozenGraph, node: number) => `${nodes[node]!.kind}_${node}`;

/** The tensors of a combined graph: its constants, which equal values share, and the arguments that it reads. */
class PortableTensors {
  readonly constants = new Map<string, PortableConstant>();
  /** The numbers of the arguments that the graph reads. */
  readonly used = new Set<number>();
  private readonly names = new Map<string, string>();
  private readonly numbers = new Map<FrozenValue, number>();

  constructor(
    private readonly graph: FrozenGraph,
    private readonly inputs: readonly PortableInput[],
  ) {}

  /**
   * Returns the tensor that stands for those of all graphs.
   *
   * @param reader the operation that reads the tensors, for errors
   */
  of(tensors: readonly FrozenTensor[], reader: string): PortableTensor {
    const [tensor] = tensors as [FrozenTensor];
    if ("constant" in tensor) {
      const values = tensors.map((each) => (each as typeof tensor).constant);
      return { name: this.constant(values, reader), output: 0 };
    }
    if (tensors.some((each) => JSON.stringify(each) !== JSON.stringify(tensor))) throw unlike(reader);
    if ("node" in tensor) return { name: nodeName(this.graph, tensor.node), output: tensor.output };
    this.used.add(tensor.argument);
    return { name: this.inputs[tensor.argument]!.name, output: 0 };
  }

  /** Adds a constant with these values at the three batch sizes. @returns its name */
  private constant(values: readonly FrozenValue[], reader: string): string {
    // Constants that are one at one batch size may differ at another.
    const key = values.map((value) => this.numberOf(value)).join(" ");
    const name = this.names.get(key) ?? `constant_${this.names.size}`;
    if (!this.names.has(key)) this.constants.set(name, combined(values, reader));
    this.names.set(key, name);
    return name;
  }

  /** Returns a number that identifies a value. */
  private numberOf(value: FrozenValue): number {
    const number = this.numbers.get(value) ?? this.numbers.size;
    this.numbers.set(value, number);
    return number;
  }
}

const unlike = (reader: string) =>
  new RangeError(
    `depends on the batch size in a way that cannot be exported (${reader}); the shapes of its tensors must grow by the same amount with each sample`,
  );

/** Combines the values of a constant at the three batch sizes. */
function combined(values: readonly FrozenValue[], reader: string): PortableConstant {
  const [first] = values as [FrozenValue];
  const { dtype, shape } = first;
  const numbers = values.map((each) => Array.from(each.values as ArrayLike<number>, Number));
  const same = <T>(of: (value: FrozenValue, i: number) => T) =>
    values.every((value, i) => String(of(value, i)) === String(of(first, 0)));
  const size = (sizes: readonly number[]) => sizeOf(sizes, reader);
  if (same(({ shape }) => shape)) {
    if (same((_, i) => numbers[i])) return { kind: "fixed", ...first };
    const entries = numbers[0]!.map((_, at) => size(numbers.map((each) => each[at]!)));
    return { kind: "sizes", shape, dtype, values: entries };
  }
  const [value = 0] = numbers[0]!;
  if (numbers.every((each) => each.every((number) => number === value)))
    return {
      kind: "filled",
      shape: shape.map((_, axis) => size(values.map((each) => each.shape[axis]!))),
      dtype,
      value,
    };
  const row = numbers[0]!.length / shape[0]!;
  const step = numbers[0]![row]! - value;
  const isRow = (number: number, at: number) =>
    number === numbers[0]![at % row]! + step * Math.floor(at / row);
  if (!same(({ shape }) => shape.slice(1)) || !numbers.every((each) => each.every(isRow)))
    throw unlike(reader);
  const count = size(values.map((each) => each.shape[0]!));
  return { kind: "rows", count, shape: shape.slice(1), dtype, first: numbers[0]!.slice(0, row), step };
}

/** Returns how a size depends on the batch size. */
function sizeOf(sizes: readonly number[], reader: string): Size {
  const [at2, at3] = sizes as [number, number];
  const perSample = at3 - at2;
  const base = at2 - BATCHES[0] * perSample;
  if (sizes.some((size, i) => size !== base + perSample * BATCHES[i]!) || !Number.isInteger(perSample))
    throw unlike(reader);
  return { base, perSample };
}
