import * as tf from "@tensorflow/tfjs-core";
import { mulNoNan } from "../mul-no-nan";
import { sumToShape } from "./broadcast";

/**
 * Gradients of the largest and smallest values, as in PyTorch (`amax`, `amin`, `maximum`, `minimum` and the norms of order infinity):
 * equal values share the gradient equally, so that its sum stays right and the order of the arguments does not matter. tfjs gives the
 * whole gradient to every equal value of a reduction, and all of it to the first of two equal operands.
 *
 * Two ops give it to a single one, again as in PyTorch: max pooling to the first largest value of a window (`kernels/pool.ts`), and
 * `topk` to the values that it returned (`indexing.ts`).
 */
const reduced = (kernelName: string, axisName: string): tf.GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attrs) => ({
    x: () => {
      const axes = tf.util.parseAxisParam(attrs[axisName] as number[], x!.shape);
      const kept = x!.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      const chosen = tf.cast(tf.equal(x!, tf.reshape(y!, kept)), "float32");
      const share = tf.div(tf.reshape(dy as tf.Tensor, kept), tf.sum(chosen, axes, true));
      return mulNoNan(tf.broadcastTo(share, x!.shape), chosen);
    },
  }),
});

type Compare = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** @param loses whether the first operand is not the one that the op returns */
const pairwise = (kernelName: string, loses: Compare): tf.GradConfig => ({
  kernelName,
  inputsToSave: ["a", "b"],
  gradFunc: (given, [a, b]) => {
    const dy = given as tf.Tensor;
    const to = (own: tf.Tensor, other: tf.Tensor) => () => {
      const shared = tf.where(tf.equal(own, other), tf.mul(dy, 0.5), dy);
      return sumToShape(tf.where(loses(own, other), tf.zerosLike(dy), shared), own.shape);
    };
    return { a: to(a!, b!), b: to(b!, a!) };
  },
});

export const extremumGradients: readonly tf.GradConfig[] = [
  reduced("Max", "reductionIndices"),
  reduced("Min", "axis"),
  pairwise("Maximum", tf.less),
  pairwise("Minimum", tf.greater),
];
