import * as tf from "@tensorflow/tfjs-core";
import { mulNoNan, sumToShape } from "../mul-no-nan";

/**
 * Gradients of the largest and smallest values, as in PyTorch (`amax`, `amin`, `maximum`, `minimum` and the norms of
 * order infinity): equal values share the gradient equally, so that its sum is correct and the order of the arguments
 * does not matter. tfjs gives the whole gradient to every equal value of a reduction, and to the first of two equal
 * operands.
 *
 * Two ops give it to a single value, again as in PyTorch: max pooling to the first largest value of a window
 * (`kernels/pool.ts`), and `topk` to the values that it returned (`indexing.ts`).
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

/** The gradients of maxima and minima. */
export const extremumGradients: readonly tf.GradConfig[] = [
  reduced("Max", "reductionIndices"),
  reduced("Min", "axis"),
  pairwise("Maximum", tf.less),
  pairwise("Minimum", tf.greater),
];

/** The private part of tfjs's engine that records each op under `grad` on the tape. */
interface Tape {
  addTapeNode(kernelName: string, inputs: tf.NamedTensorMap, outputs: tf.Tensor[], ...rest: unknown[]): void;
}

/**
 * Treats comparisons and logical ops as constants. tfjs has no gradients for most of them, and rejects
 * `where(greater(x, 0), ...)` when the condition depends on the differentiated tensor. Their derivative is 0 wherever
 * it exists. A function that depends on its argument only through them remains an error, which gradients of 0 would
 * hide.
 */
export function keepComparisonsOffTheTape(): void {
  const engine = tf.engine() as unknown as Tape;
  const { addTapeNode } = engine;
  engine.addTapeNode = function (this: Tape, kernelName, inputs, outputs, ...rest) {
    // `greaterEqual` has a gradient and is on the tape, but a logical op of its result must not be.
    const isBoolean = outputs.every(({ dtype }) => dtype === "bool");
    if (isBoolean && !tf.getGradient(kernelName)) return;
    addTapeNode.call(this, kernelName, inputs, outputs, ...rest);
  };
}

/**
 * Replaces tfjs's own gradient, which multiplies by the condition and so turns an infinite gradient in the branch that
 * was not taken into NaN.
 */
export const selectGradient: tf.GradConfig = {
  kernelName: "Select",
  inputsToSave: ["condition"],
  gradFunc: (given, [condition]) => {
    const dy = given as tf.Tensor;
    return {
      condition: () => tf.zeros(condition!.shape),
      t: () => tf.where(condition!, dy, tf.zerosLike(dy)),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    };
  },
};

/**
 * The gradient of a sum, which is repeated over the summed axes in one pass; tfjs multiplies by a tensor of ones, which
 * takes three.
 */
const spread = (dy: tf.Tensor, x: tf.Tensor, axis: number | number[]): tf.Tensor => {
  const kept = x.shape.slice();
  for (const i of tf.util.parseAxisParam(axis, x.shape)) kept[i] = 1;
  return tf.broadcastTo(tf.reshape(dy, kept), x.shape);
};

const sum: tf.GradConfig = {
  kernelName: "Sum",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({ x: () => spread(dy as tf.Tensor, x!, attrs.axis as number[]) }),
};

const mean: tf.GradConfig = {
  kernelName: "Mean",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const values = dy as tf.Tensor;
      // The division comes first, while the tensor is small.
      return spread(tf.mul(values, values.size / x!.size), x!, attrs.axis as number[]);
    },
  }),
};

/** The gradients of sums and means. */
export const reductionGradients = [sum, mean];
