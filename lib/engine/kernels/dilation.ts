import * as tf from "@tensorflow/tfjs-core";

/**
 * Inserts zeros between a kernel's taps, so that a plain convolution with it equals a dilated one.
 *
 * @param kernel `[...taps, in, out]`
 * @param dilations one for each of its first axes
 */
export function spreadTaps(kernel: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  return dilations.reduce((k, by, axis) => {
    const taps = k.shape[axis]!;
    if (by === 1 || taps === 1) return k;
    const { before, after } = around(k.shape, axis);
    const gaps = tf.pad(tf.reshape(k, [before, taps, after]), [[0, 0], [0, 0], [0, (by - 1) * after]]); // biome-ignore format: pairs
    const length = (taps - 1) * by + 1;
    const spread = tf.slice(tf.reshape(gaps, [before, taps * by, after]), [0, 0, 0], [before, length, after]);
    return tf.reshape(spread, k.shape.with(axis, length));
  }, kernel);
}

/** Extracts the taps of a spread kernel: the adjoint of `spreadTaps`. */
export function gatherTaps(spread: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  const steps = spread.shape.map((_, axis) => dilations[axis] ?? 1);
  const zeros = steps.map(() => 0);
  return tf.stridedSlice(spread, zeros, spread.shape, steps);
}

/** Returns the extent of a dilated kernel. */
export const reach = (taps: number, dilation: number) => (taps - 1) * dilation + 1;

function around(shape: readonly number[], axis: number) {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { before: product(shape.slice(0, axis)), after: product(shape.slice(axis + 1)) };
}
