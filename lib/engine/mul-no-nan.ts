import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";

const KERNEL = "MulNoNan";

tf.registerKernel({
  kernelName: KERNEL,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend }) => {
    const { x, y } = inputs as { x: tf.TensorInfo; y: tf.TensorInfo };
    return (backend as NodeJSKernelBackend).executeSingleOutput(KERNEL, [], [x, y]);
  },
});

/**
 * Computes `x * y`, and 0 wherever y is 0, even if x is not finite. One pass replaces a product and a selection. No gradient.
 *
 * @param y its shape must broadcast to x's
 */
export function mulNoNan<T extends tf.Tensor>(x: T, y: tf.Tensor): T {
  return tf.engine().runKernel(KERNEL, { x, y }) as T;
}
