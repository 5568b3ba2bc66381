import { tf } from "../engine";

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
