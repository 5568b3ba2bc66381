import { tf } from "../engine";

/**
 * Computes `Σ x²` over some axes, which are kept with length 1. Its gradient `2 x dy` is one product with x; the gradient of a separate
 * sum and square would need five passes over tensors of x's size.
 */
export function sumOfSquares(x: tf.Tensor, axes: number[]): tf.Tensor {
  const op = tf.customGrad((...given) => {
    const [values, save] = given as [tf.Tensor, tf.GradSaveFunc];
    save([values]);
    return {
      value: tf.sum(tf.square(values), axes, true),
      gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(kept!, tf.mul(dy, 2)),
    };
  });
  return op(x);
}
