import { tf } from "../../engine";

/**
 * Appends a code of each sample, `[B, E]`, as additional channels of its frames, the same at every pixel of every frame.
 *
 * @returns `[B, T, H, W, C + E]`
 */
export function withEverywhere(x_BTHWC: tf.Tensor5D, code_BE: tf.Tensor2D): tf.Tensor5D {
  const [, time, height, width] = x_BTHWC.shape;
  // Multiplication instead of `broadcastTo`, for which tfjs has no gradient with five axes.
  const everywhere = tf.mul(
    tf.reshape(code_BE, [-1, 1, 1, 1, code_BE.shape[1]]),
    tf.ones([1, time, height, width, 1]),
  );
  return tf.concat([x_BTHWC, everywhere as tf.Tensor5D], -1);
}
