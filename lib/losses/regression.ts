import { tf } from "../engine";
import { magnitude } from "../engine/gradients/elementwise";

/** Outputs and targets of one size, `[B, K]` float32 each. */
export interface Paired {
  readonly output_BK: tf.Tensor2D;
  readonly y_BK: tf.Tensor2D;
}

/**
 * Reshapes outputs and targets to one shape. `[B]` and `[B, 1]` match and are not broadcast to `[B, B]`.
 *
 * @param name the name of the loss, for the error
 * @throws RangeError when they have different numbers of samples or of values
 */
export function paired(output: tf.Tensor, y: tf.Tensor, name: string): Paired {
  if (output.rank === 0 || output.shape[0] !== y.shape[0] || output.size !== y.size)
    throw new RangeError(
      `${name}: the output is [${output.shape}] and the target [${y.shape}]; every output needs one target`,
    );
  const flat = (each: tf.Tensor) => tf.reshape(tf.cast(each, "float32"), [output.shape[0]!, -1]);
  return { output_BK: flat(output) as tf.Tensor2D, y_BK: flat(y) as tf.Tensor2D };
}

/** Returns the mean of each sample's values, `[B, ...]` → `[B]`. */
export function meanOfEach(values: tf.Tensor, samples = values.shape[0]!): tf.Tensor1D {
  return tf.mean(tf.reshape(values, [samples, -1]), 1) as tf.Tensor1D;
}

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
