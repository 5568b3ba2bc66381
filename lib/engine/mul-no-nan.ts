import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "./kernels/kernel";

/** Sums a gradient over the axes along which an operand of this shape was repeated. */
export function sumToShape(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

const KERNEL = "MulNoNan";

/**
 * Computes `x * y`, and 0 wherever y is 0, even if x is not finite. One pass replaces a product and a selection.
 *
 * It has a gradient. On a backend of tfjs other than the engine's it is composed of tfjs's operations.
 *
 * @param y its shape and that of x must broadcast
 */
export function mulNoNan<T extends tf.Tensor>(x: T, y: tf.Tensor): T {
  if (tf.getKernel(KERNEL, tf.getBackend())) return tf.engine().runKernel(KERNEL, { x, y }) as T;
  const product = tf.mul(x, y);
  return tf.where(tf.equal(y, 0), tf.zerosLike(product), product) as T;
}

/** The kernel of `mulNoNan` on the engine's backend. */
export const mulNoNanKernel = kernel(
  KERNEL,
  ({ x, y }: { x: tf.Tensor; y: tf.Tensor }, _attributes, backend): tf.Tensor =>
    backend.executeSingleOutput(KERNEL, [], [x, y]),
);

/** The gradient that TensorFlow defines for `MulNoNan`. */
export const mulNoNanGradient: tf.GradConfig = {
  kernelName: KERNEL,
  inputsToSave: ["x", "y"],
  gradFunc: (given, [x, y]) => {
    const dy = given as tf.Tensor;
    return {
      x: () => sumToShape(mulNoNan(dy, y!), x!.shape),
      y: () => sumToShape(mulNoNan(x!, dy), y!.shape),
    };
  },
};
