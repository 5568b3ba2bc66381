import * as tf from "@tensorflow/tfjs-core";
import { mulNoNan } from "../mul-no-nan";

/**
 * Gradients of functions with a kink, with PyTorch's values at the kink: 0 for `relu` at 0 and for `relu6` at 0 and 6, where tfjs has 1
 * for `relu6` at 6. `abs` keeps tfjs's gradient at 0, which is -1: the sigmoid cross-entropy of tfjs and of its layers,
 * `relu(x) - x y + log1p(exp(-|x|))`, is differentiable at 0 and has its true gradient only with it. `magnitude` has PyTorch's.
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

export const kinkGradients: readonly tf.GradConfig[] = [relu, relu6];

/** Computes `|x|`, whose gradient at 0 is 0, as that of PyTorch's `abs`. */
export const magnitude = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sign(x));
