import { tf } from "../../engine";

/** The least width in pixels; narrower blurs have no effect. */
const LEAST_SIGMA = 1e-3;
/** The maximum width of a kernel in frame sizes. A blur as wide as the frame already removes all structure. */
const WIDEST = 3;
/** The width in pixels that a kernel may have on any frame, however small. */
const LEAST_REACH = 32;

/**
 * Returns Gaussian blur along an axis, with zeros outside, as one matrix for each sigma: `[B, size, size]`.
 *
 * The kernel has `round(6 sigma)` taps, plus one when that is even, and sum 1. Shapes inside a compiled step cannot depend on sigma, so
 * the matrix covers all distances and masks those beyond the last tap. The number of taps has no gradient, sigma does.
 *
 * @param sigma_B in pixels
 */
export function blurMatrices(sigma_B: tf.Tensor1D, size: number): tf.Tensor3D {
  const sigma = tf.reshape(tf.maximum(sigma_B, LEAST_SIGMA), [-1, 1, 1]);
  const radius = tf.floor(tf.div(tf.round(tf.mul(sigma, 6)), 2));
  const taps = (distance: tf.Tensor3D) => {
    const bell = tf.exp(tf.mul(tf.square(tf.div(distance, sigma)), -0.5));
    return tf.mul(bell, tf.cast(tf.lessEqual(tf.abs(distance), radius), "float32"));
  };
  const between = Float32Array.from({ length: size * size }, (_, i) => (i % size) - Math.floor(i / size));
  const reach = Math.max(WIDEST * size, LEAST_REACH);
  const all = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const total = tf.sum(taps(tf.tensor3d(all, [1, 1, all.length])), 2, true);
  return tf.div(taps(tf.tensor3d(between, [1, size, size])), total);
}
