import * as tf from "@tensorflow/tfjs-core";

/**
 * Returns the values of the tensor that a function returns, and frees the tensors that it creates. `tf.tidy` would search a returned array
 * of values for tensors, element by element.
 *
 * @example
 * const squares = valuesOf(() => tf.square(x));
 */
export function valuesOf<T extends tf.TypedArray = Float32Array>(compute: () => tf.Tensor): T {
  let values: T | undefined;
  tf.tidy(() => {
    values = compute().dataSync() as T;
  });
  return values!;
}
