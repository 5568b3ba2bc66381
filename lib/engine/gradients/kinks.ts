import * as tf from "@tensorflow/tfjs-core";
import { mulNoNan } from "../mul-no-nan";

/**
 * Gradients of functions with a kink, with PyTorch's values at the kink: 0 for `relu` and `abs` at 0 and for `relu6` at 0 and 6, where
 * tfjs has -1 for `abs` at 0 and 1 for `relu6` at 6.
 *
 * `relu` and `relu6` mask the gradient instead of multiplying with 0, because the gradient of what follows may be infinite:
 * `sqrt(relu(x))` has the gradient 0 for x ≤ 0. TensorFlow's `ReluGrad` multiplies and gives NaN there.
 */
const unary = (kernelName: string, back: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor): tf.GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => back(dy as tf.Tensor, x!) }),
});

/** Keeps the output, which the next layer keeps too, instead of the input. */
const relu: tf.GradConfig = {
  kernelName: "Relu",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => mulNoNan(dy as tf.Tensor, tf.sign(y!)) }),
};

const relu6 = unary("Relu6", (dy, x) =>
  tf.where(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6)), dy, tf.zerosLike(dy)),
);

const abs = unary("Abs", (dy, x) => tf.mul(dy, tf.sign(tf.cast(x, "float32"))));

export const kinkGradients: readonly tf.GradConfig[] = [relu, relu6, abs];
