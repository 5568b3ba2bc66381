import { rowMajor } from "../base/arrays/shape";
import type { LagOrder } from "../model/batch";
import type { NamedArray } from "../trainer/checkpoint/safetensors";

/** Two-dimensional arrays that are not matrices from input to output. */
const AS_IT_IS = ["mean", "std", "affine", "register_tokens", "spatial"];

/** Whether a weight has the same layout in both packages, although it has several axes. */
export const isAsItIs = (name: string): boolean => AS_IT_IS.includes(name.slice(name.lastIndexOf(".") + 1));

/** The model's weight that a PyTorch weight becomes. */
export interface Target {
  readonly name: string;
  readonly shape: readonly number[];
  /** The lags of the spike history. */
  readonly historyLags: number;
  readonly order: LagOrder;
}

/**
 * Converts a weight to gradbook's layout: `[out, in, kt, kh, kw]` → `[kt, kh, kw, in, out]`. PyTorch puts output filters first, gradbook
 * puts them last. PyTorch's models received the newest frame first; for a model that sees the oldest first, time is reversed, both in
 * kernels and in the first layer of a spike history, with the vector of its spectral norm.
 *
 * @returns undefined when the weight cannot be converted to that shape
 */
export function ourLayout(
  array: NamedArray,
  { name, shape, historyLags, order }: Target,
): Float32Array | undefined {
  const turns = order === "oldest_first";
  const trimmed = trim(array, shape.length);
  const rank = trimmed.shape.length;
  const axes = isAsItIs(name) ? undefined : ORDER[rank];
  const turned = axes ? transposed(trimmed, axes, turns && rank === 5 ? 2 : undefined) : trimmed;
  if (String(turned.shape) !== String(shape)) return undefined;
  return turns && isOfLags(name) ? lagsReversed(turned.values, historyLags) : turned.values;
}

/**
 * Drops axes of length 1: trailing ones, such as those of a 1×1 convolution that is a dense layer in gradbook, and all around a vector,
 * such as a norm's `[1, C, 1, 1, 1]`.
 */
function trim({ shape, values }: NamedArray, rank: number): NamedArray {
  const kept = rank === 1 && values.length > 0 ? shape.filter((length) => length !== 1) : [...shape];
  if (rank === 1 && kept.length < 1) kept.push(values.length);
  while (kept.length > rank && kept.at(-1) === 1) kept.pop();
  return { shape: kept, values };
}

/** The axes of PyTorch's layout in gradbook's order, by their number. */
export const ORDER: Record<number, readonly number[]> = { 5: [2, 3, 4, 1, 0], 4: [2, 3, 1, 0], 2: [1, 0] };

/** Reorders the axes of an array. @param reversed the axis that runs backwards in the result, such as time. Default: none */
export function transposed(
  { shape, values }: NamedArray,
  order: readonly number[],
  reversed?: number,
): NamedArray {
  const strides = rowMajor(shape);
  const to = order.map((axis) => shape[axis]!);
  const out = new Float32Array(values.length);
  const index = to.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    order.forEach((axis, place) => {
      const at = axis === reversed ? shape[axis]! - 1 - index[place]! : index[place]!;
      from += at * strides[axis]!;
    });
    out[i] = values[from]!;
    for (let place = to.length - 1; place >= 0; place--) {
      index[place]!++;
      if (index[place]! < to[place]!) break;
      index[place] = 0;
    }
  }
  return { shape: to, values: out };
}

/** Whether a weight's input are the lags of a spike history: the first layer's weight, or the vector of its spectral norm. */
export const isOfLags = (name: string): boolean => /^spike_history\.\d+\.layers\.0\.(weight|v)$/.test(name);

/** Reverses the order of the blocks of rows of `[lags * units, out]`. */
export function lagsReversed(values: Float32Array, lags: number): Float32Array {
  const size = values.length / lags;
  return Float32Array.from(values, (_, i) => values[(lags - 1 - Math.floor(i / size)) * size + (i % size)]!);
}
