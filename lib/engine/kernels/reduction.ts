import * as tf from "@tensorflow/tfjs-core";
import { getTFDType } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { formatEinsum, parseEinsum } from "../einsum-equation";
import { attr, BACKEND, kernel } from "./kernel";

const { kernelFunc: computeSum, ...tfjsSum } = tf.getKernel("Sum", BACKEND);

/** The number of elements from which the matrix product is faster. */
const LARGE = 65_536;

/**
 * Computes the sum over all axes but the last, such as the gradient of a bias, as a product with a row of ones: TensorFlow's column sum
 * reads the array much more slowly than a matrix product does.
 */
export const sumKernel: tf.KernelConfig = {
  ...tfjsSum,
  kernelFunc: (call) => {
    const { x } = call.inputs as { x: tf.Tensor };
    const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const [columns = 1] = x.shape.slice(-1);
    const leading = x.rank > 1 && axes.length === x.rank - 1 && !axes.includes(x.rank - 1);
    const { binding } = call.backend as { binding: TensorFlowBinding };
    const quicker = leading && x.size >= LARGE && columns <= 1024;
    // Mixed precision rounds the operands of products, but sums must stay exact.
    if (!quicker || x.dtype !== "float32" || binding.precision !== "32-true") return computeSum(call);
    const rows = x.size / columns;
    return tf.tidy(() => {
      const sums = tf.matMul(tf.ones([1, rows]), tf.reshape(x, [rows, columns]));
      return tf.reshape(sums, keepDims ? [...axes.map(() => 1), columns] : [columns]);
    });
  },
};

/** Contracts one or two tensors; a label may occur only once in each. tfjs documents and tests these limits. */
export const einsumKernel = kernel(
  "Einsum",
  (given: readonly tf.Tensor[], { equation }: tf.EinsumAttrs, backend): tf.Tensor => {
    const tensors = Object.values(given);
    const ranks = tensors.map(({ rank }) => rank);
    const { inputs, output } = parseEinsum(equation, ranks);
    if (tensors.length > 2)
      throw new Error(
        `einsum("${equation}") has more than 2 input tensors, which is not supported: contract two at a time.`,
      );
    const twice = inputs.find((labels) => new Set(labels).size < labels.length);
    if (twice)
      throw new Error(`einsum("${equation}"): "${twice}" has a label twice, which is not implemented yet.`);
    return backend.executeSingleOutput(
      "Einsum",
      [
        attr.int("N", tensors.length),
        attr.string("equation", formatEinsum({ inputs, output })),
        attr.type("T", getTFDType(tensors[0]!.dtype)),
      ],
      tensors,
    );
  },
);

const { kernelFunc: computeBatchNorm, ...tfjsBatchNorm } = tf.getKernel("FusedBatchNorm", BACKEND);

/**
 * Adds default `scale` and `offset` tensors to the kernel's inputs. tfjs leaves them undefined when they are not given, and its gradient
 * tape fails on undefined inputs.
 */
export const batchNormKernel: tf.KernelConfig = {
  ...tfjsBatchNorm,
  kernelFunc: (call) => {
    const { inputs } = call;
    const { shape } = inputs.mean!;
    if (tf.engine().state.activeTape) {
      inputs.scale ??= tf.ones(shape);
      inputs.offset ??= tf.zeros(shape);
    }
    return computeBatchNorm(call);
  },
};
