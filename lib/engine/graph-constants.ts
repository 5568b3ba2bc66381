import { TF } from "./dtypes";

/** A tensor whose values become part of a graph. */
export interface Constant {
  shape: number[];
  dtype: number;
  values: ArrayLike<unknown>;
}

/** The largest number of values that are compared faster than a node is created. */
const FEW = 16;

/** Returns a text that is unique for a small constant; undefined for a large one. */
export function keyOf({ shape, dtype, values }: Constant): string | undefined {
  return values.length > FEW ? undefined : `${dtype} ${shape} ${Array.from(values, exactly)}`;
}

/** Returns a unique text for each value: 0 and -0 differ, and strings are bytes here. */
const exactly = (value: unknown) =>
  Object.is(value, -0) ? "-0" : JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}n` : v));

/** The least number of values for which a fill operation saves more than it costs. */
const WORTH_FILLING = 4096;

/** Whether a constant has so many equal values that a fill operation can replace it. */
export function isUniform(constant: Constant): constant is Constant & { values: Float32Array } {
  const { dtype, values } = constant;
  if (!UNIFORM_TYPES.has(dtype) || values.length < WORTH_FILLING || !ArrayBuffer.isView(values)) return false;
  const numbers = values as unknown as Float32Array;
  return numbers.every((value) => value === numbers[0]);
}

const UNIFORM_TYPES = new Set<number>([TF.FLOAT, TF.INT32, TF.BOOL]);
