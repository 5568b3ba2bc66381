import * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBinding } from "../binding";
import { BACKEND } from "./kernel";

const { kernelFunc, ...own } = tf.getKernel("Sum", BACKEND);

/** The number of elements from which the matrix product is faster. */
const LARGE = 65_536;

/**
 * Computes the sum over all axes but the last, such as the gradient of a bias, as a product with a row of ones: TensorFlow's column sum
 * reads the array much more slowly than a matrix product does.
 */
export const sumKernel: tf.KernelConfig = {
  ...own,
  kernelFunc: (call) => {
    const { x } = call.inputs as { x: tf.Tensor };
    const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const [columns = 1] = x.shape.slice(-1);
    const leading = x.rank > 1 && axes.length === x.rank - 1 && !axes.includes(x.rank - 1);
    const { binding } = call.backend as { binding: TensorFlowBinding };
    const quicker = leading && x.size >= LARGE && columns <= 1024;
    // Mixed precision rounds the operands of products, but sums must stay exact.
    if (!quicker || x.dtype !== "float32" || binding.precision !== "32-true") return kernelFunc(call);
    const rows = x.size / columns;
    return tf.tidy(() => {
      const sums = tf.matMul(tf.ones([1, rows]), tf.reshape(x, [rows, columns]));
      return tf.reshape(sums, keepDims ? [...axes.map(() => 1), columns] : [columns]);
    });
  },
};
