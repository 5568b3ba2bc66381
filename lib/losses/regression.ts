import { magnitude, tf } from "../engine";
import { meanOfEach, paired } from "./paired";

/** Computes `(output - y)²`, the mean over each sample's values, `[B]`. @throws RangeError when shapes do not fit */
export function meanSquaredError(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { output_BK, y_BK } = paired(output, y, "losses.meanSquaredError");
  return meanOfEach(tf.square(tf.sub(output_BK, y_BK)));
}

/** Computes `|output - y|`, the mean over each sample's values, `[B]`. @throws RangeError when shapes do not fit */
export function meanAbsoluteError(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { output_BK, y_BK } = paired(output, y, "losses.meanAbsoluteError");
  return meanOfEach(magnitude(tf.sub(output_BK, y_BK)));
}

/**
 * Computes Huber's loss: `e² / 2` up to an error of `delta`, and beyond it `delta (|e| - delta / 2)`; the mean over each sample's values,
 * `[B]`.
 *
 * @param delta default 1, as in PyTorch and Keras
 * @throws RangeError when shapes do not fit
 */
export function huber(output: tf.Tensor, y: tf.Tensor, { delta = 1 } = {}): tf.Tensor1D {
  const { output_BK, y_BK } = paired(output, y, "losses.huber");
  const error = magnitude(tf.sub(output_BK, y_BK));
  const within = tf.minimum(error, tf.scalar(delta));
  return meanOfEach(tf.add(tf.mul(0.5, tf.square(within)), tf.mul(delta, tf.sub(error, within))));
}

/** Computes the Poisson loss `rate - y log rate` of counts y, without the constant; the mean over each sample's values, `[B]`. */
export function poisson(rate: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { output_BK, y_BK } = paired(rate, y, "losses.poisson");
  return meanOfEach(tf.sub(output_BK, tf.mul(y_BK, tf.log(tf.add(output_BK, 1e-8)))));
}
