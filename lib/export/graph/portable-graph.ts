import type { FrozenGraph, FrozenNode, FrozenTensor, FrozenValue } from "../../engine/frozen-graph";

/** A graph that computes the same function for batches of any size. */
export interface PortableGraph {
  readonly inputs: readonly PortableInput[];
  readonly nodes: readonly PortableNode[];
  /** The constants by name. */
  readonly constants: ReadonlyMap<string, PortableConstant>;
  /** The tensor of the result. */
  readonly result: PortableTensor;
}

/** An input, whose first axis is that of the batch. */
export interface PortableInput {
  readonly name: string;
  /** The shape of one sample. */
  readonly sample: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
}

/** An operation of TensorFlow. */
export interface PortableNode extends Pick<FrozenNode, "kind" | "attributes" | "definitions"> {
  readonly name: string;
  readonly inputs: readonly PortableTensor[];
  /** The ranks and types of its outputs. */
  readonly outputs: readonly { readonly rank: number; readonly dtype: number }[];
}

/** A tensor: an output of a node, or the only output of an input or constant. */
export interface PortableTensor {
  readonly name: string;
  readonly output: number;
}

/** Returns a name for each tensor, which is TensorFlow's. */
export const tensorName = ({ name, output }: PortableTensor): string =>
  output === 0 ? name : `${name}:${output}`;

/** A whole number that depends on the batch size B: `base + perSample * B`. */
export interface Size {
  readonly base: number;
  readonly perSample: number;
}

/** Returns a whole number as a size; one that is not yet a size does not depend on the batch. */
export const sizeFrom = (size: number | Size): Size =>
  typeof size === "number" ? { base: size, perSample: 0 } : size;

/** A constant; some depend on the batch size. */
export type PortableConstant =
  | ({ readonly kind: "fixed" } & FrozenValue)
  /** Whole numbers, such as the shape of a result. */
  | {
      readonly kind: "sizes";
      readonly shape: readonly number[];
      readonly dtype: number;
      readonly values: readonly Size[];
    }
  /** A tensor of equal values. */
  | {
      readonly kind: "filled";
      readonly shape: readonly Size[];
      readonly dtype: number;
      readonly value: number;
    }
  /** A number of rows, each `step` larger than the one before: `[count, ...shape]`. */
  | {
      readonly kind: "rows";
      readonly count: Size;
      readonly shape: readonly number[];
      readonly dtype: number;
      readonly first: readonly number[];
      readonly step: number;
    };

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
  const constants = new Map<string, PortableConstant>();
  const names = new Map<string, string>();
  const numbers = new Map<FrozenValue, number>();
  /** Returns a number for each value, which identifies it. */
  const numberOf = (value: FrozenValue) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };
  const used = new Set<number>();
  const nodeName = (node: number) => `${first.nodes[node]!.kind}_${node}`;
  const place = (tensors: readonly FrozenTensor[], reader: string): PortableTensor => {
    const [tensor] = tensors as [FrozenTensor];
    if ("constant" in tensor) {
      const values = tensors.map((each) => (each as typeof tensor).constant);
      // Constants that are one at one batch size may differ at another.
      const key = values.map(numberOf).join(" ");
      const name = names.get(key) ?? `constant_${names.size}`;
      if (!names.has(key)) constants.set(name, combined(values, reader));
      names.set(key, name);
      return { name, output: 0 };
    }
    if (tensors.some((each) => JSON.stringify(each) !== JSON.stringify(tensor))) throw unlike(reader);
    if ("node" in tensor) return { name: nodeName(tensor.node), output: tensor.output };
    used.add(tensor.argument);
    return { name: inputs[tensor.argument]!.name, output: 0 };
  };
  const nodes = first.nodes.map((node, i): PortableNode => {
    const same = [node, ...others.map((graph) => graph.nodes[i])];
    if (same.some((each) => each?.kind !== node.kind || each.inputs.length !== node.inputs.length))
      throw unlike(node.kind);
    return {
      name: nodeName(i),
      kind: node.kind,
      attributes: node.attributes,
      definitions: node.definitions,
      inputs: node.inputs.map((_, at) =>
        place(
          same.map((each) => each!.inputs[at]!),
          node.kind,
        ),
      ),
      outputs: node.outputs.map(({ shape, dtype }) => ({ rank: shape.length, dtype })),
    };
  });
  const result = place(
    graphs.map(({ results }) => results[0]!),
    "the result",
  );
  return { inputs: inputs.filter((_, i) => used.has(i)), nodes, constants, result };
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
