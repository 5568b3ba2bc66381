import { type Conv3dOptions, conv3d, tf } from "../../engine";
import { repeatFirst } from "../pad";

/** Below this share of the products saved, the convolutions of few frames cost more than they save. */
const WORTH_IT = 0.1;

/** A convolution over time whose input's first frame stands `past` times more before it, as causal padding has it. */
interface Repeated {
  readonly past: number;
  /** Of the input, without the repeats. */
  readonly frames: number;
  /** Of the kernel. */
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * Products of a frame and a tap that are not taken, since the taps that see the first frame are added up beforehand: output t
 * has `past - t + 1` of them. 0 where little is gained by that.
 */
export function tapsSaved({ past, frames, taps, stride, dilation }: Repeated): number {
  const saved = (past * (past + 1)) / 2;
  const simple = stride === 1 && dilation === 1 && taps === past + 1 && frames >= taps;
  return simple && saved >= WORTH_IT * frames * taps ? saved : 0;
}

/**
 * The valid convolution of an input whose first frame stands `past` times more before it.
 *
 * @param x `[batch, frames, height, width, in]`
 * @param filters `[taps, kh, kw, in, out]`
 * @returns `[batch, past + frames - taps + 1, height', width', out]`, strided as the options say
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
  // Each from the one before it, so that only the longest is as long as x in the gradient.
  let seen = x;
  const first: tf.Tensor5D[] = [];
  for (let t = past - 1; t >= 0; t--) {
    seen = tf.slice(seen, 0, [batch, t + 1, ...image]);
    first.unshift(conv3d(seen, foldTaps(filters, past - t + 1), { strides, dilations }));
  }
  return tf.concat([...first, conv3d(x, filters, { strides, dilations })], 1);
}

/** The kernel whose first tap is the sum of so many. */
function foldTaps(filters: tf.Tensor5D, count: number): tf.Tensor5D {
  const [taps, ...kernel] = filters.shape;
  const sum = tf.sum<tf.Tensor5D>(tf.slice(filters, 0, [count, ...kernel]), 0, true);
  return count < taps ? tf.concat([sum, tf.slice(filters, count)], 0) : sum;
}
