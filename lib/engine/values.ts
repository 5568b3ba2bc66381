import * as tf from "@tensorflow/tfjs-core";

/**
 * Returns the values of a tensor and frees it and the other tensors that the function creates. `tf.tidy` would search a returned array of
 * values for tensors, element by element.
 *
 * @example
 * const squares = valuesOf(() => tf.square(x));
 */
export function valuesOf<T extends tf.TypedArray = Float32Array>(compute: () => tf.Tensor): T {
  const tensor = tf.tidy(compute);
  try {
    return tensor.dataSync() as T;
  } finally {
    tensor.dispose();
  }
}
