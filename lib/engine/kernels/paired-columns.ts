import * as tf from "@tensorflow/tfjs-core";
import { context } from "../context";
import { cpuFlags } from "../library";
import type { Geometry } from "./window-geometry";

/**
 * The input gradient of a convolution with few input channels fills only part of a CPU's vectors: with 8 channels and AVX-512
 * half of every product is wasted. Treating two neighbouring columns as one with twice the channels fills them. The kernel `[..., taps,
 * in, out]` becomes one over pairs, `[..., (taps + 1) / 2, 2 in, 2 out]`, with a zero tap at either end.
 */

/** The least number of taps for which full vectors save more time than the two zero taps cost. */
const FEWEST_TAPS = 3;

let widest: number | undefined;

/** Returns the number of float32 values in the widest vector; 0 on a GPU. */
function lanes(): number {
  const gpu = context().devices.some(({ type }) => type === "GPU");
  widest ??= gpu ? 0 : cpuFlags()?.has("avx512f") ? 16 : 8;
  return widest;
}

/** Whether pairing columns makes the input gradient faster. */
export function gainsByPairs({ strides, padding }: Geometry, filter: tf.Tensor): boolean {
  const [taps, inputs] = filter.shape.slice(-3) as [number, number, number];
  const valid = padding === "VALID" && strides.every((by) => by === 1);
  return valid && filter.dtype === "float32" && taps >= FEWEST_TAPS && 2 * inputs <= lanes();
}

/**
 * Computes the input gradient of a valid convolution by pairs of columns.
 *
 * @param dy `[..., columns, out]`
 * @param inputShape `[..., columns + taps - 1, in]`
 * @param gradient the input gradient of a valid convolution of any shapes
 */
export function byPairs(
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: readonly number[],
  gradient: (dy: tf.Tensor, filter: tf.Tensor, inputShape: number[]) => tf.Tensor,
): tf.Tensor {
  const [taps, inputs, outputs] = filter.shape.slice(-3) as [number, number, number];
  const columns = dy.shape.at(-2)!;
  const pairs = Math.ceil(columns / 2);
  const blocks = Math.ceil((taps + 1) / 2);
  const even = columns % 2 === 0 ? dy : tf.pad(dy, around(dy.rank, -2, 1));
  const pairedDy = tf.reshape(even, [...dy.shape.slice(0, -2), pairs, 2 * outputs]);
  const pairedShape = [...inputShape.slice(0, -2), pairs + blocks - 1, 2 * inputs];
  const paired = gradient(pairedDy, pairedFilter(filter, blocks), pairedShape);
  const all = tf.reshape(paired, [...inputShape.slice(0, -2), 2 * (pairs + blocks - 1), inputs]);
  return tf.slice(all, Array(all.rank).fill(0), [...inputShape]);
}

/**
 * Returns the kernel over pairs. Block j maps column q of a pair to column r of the pair j before it: tap `2 j + q - r`, or 0 where that
 * tap does not exist.
 */
function pairedFilter(filter: tf.Tensor, blocks: number): tf.Tensor {
  const [taps, inputs, outputs] = filter.shape.slice(-3) as [number, number, number];
  const none = taps;
  const index = Array.from({ length: blocks }, (_, j) => [0, -1, 1, 0].map((shift) => 2 * j + shift)).flat();
  const known = index.map((tap) => (tap >= 0 && tap < taps ? tap : none));
  const withNone = tf.pad(filter, around(filter.rank, -3, 1));
  const taken = tf.gather(withNone, tf.tensor1d(known, "int32"), filter.rank - 3);
  const split = tf.reshape(taken, [-1, 2, 2, inputs, outputs]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [
    ...filter.shape.slice(0, -3),
    blocks,
    2 * inputs,
    2 * outputs,
  ]);
}

/** Returns paddings that add zeros after the end of one axis, which is counted from the last. */
const around = (rank: number, axis: number, after: number) =>
  Array.from({ length: rank }, (_, i): [number, number] => [0, i === rank + axis ? after : 0]);
