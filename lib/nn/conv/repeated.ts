import { type Conv3dOptions, conv3d, tf } from "../../engine";
import { repeatFirst } from "../pad";

/** The least share of saved products for which separate convolutions of few frames pay off. */
const WORTH_IT = 0.1;

/** A convolution over time whose input's first frame is repeated `past` times before it, as in causal padding. */
interface Repeated {
  readonly past: number;
  /** The number of input frames without the repeats. */
  readonly frames: number;
  /** The number of kernel taps. */
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * Returns the number of products of a frame and a tap that are saved by adding up the taps on the first frame beforehand: output t has
 * `past - t + 1` such taps. Returns 0 where the saving is too small.
 */
export function tapsSaved({ past, frames, taps, stride, dilation }: Repeated): number {
  const saved = (past * (past + 1)) / 2;
  const simple = stride === 1 && dilation === 1 && taps === past + 1 && frames >= taps;
  return simple && saved >= WORTH_IT * frames * taps ? saved : 0;
}

/**
 * Computes the valid convolution of an input whose first frame is repeated `past` times before it.
 *
 * @param x `[batch, frames, height, width, in]`
 * @param filters `[taps, kh, kw, in, out]`
 * @returns `[batch, past + frames - taps + 1, height', width', out]`, with the stride of the options
 */
export function convRepeated(
  x: tf.Tensor5D,
  filters: tf.Tensor5D,
  past: number,
  { strides = [1, 1, 1], dilations = [1, 1, 1] }: Conv3dOptions,
): tf.Tensor5D {
  const [taps] = filters.shape;
  const [batch, frames, ...image] = x.shape;
  const [stride, dilation] = [strides[0], dilations[0]];
  if (tapsSaved({ past, frames, taps, stride, dilation }) === 0)
    return conv3d(repeatFirst(x, past), filters, { strides, dilations });
  // Each slice is taken from the previous one, so that in the gradient only the longest has the length of x.
  let seen = x;
  const first: tf.Tensor5D[] = [];
  for (let t = past - 1; t >= 0; t--) {
    seen = tf.slice(seen, 0, [batch, t + 1, ...image]);
    first.unshift(conv3d(seen, foldTaps(filters, past - t + 1), { strides, dilations }));
  }
  return tf.concat([...first, conv3d(x, filters, { strides, dilations })], 1);
}

/** Returns the kernel with its first `count` taps summed into one. */
function foldTaps(filters: tf.Tensor5D, count: number): tf.Tensor5D {
  const [taps, ...kernel] = filters.shape;
  const sum = tf.sum<tf.Tensor5D>(tf.slice(filters, 0, [count, ...kernel]), 0, true);
  return count < taps ? tf.concat([sum, tf.slice(filters, count)], 0) : sum;
}
