import type { FrozenNode, FrozenValue } from "../../engine/frozen-graph";

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
