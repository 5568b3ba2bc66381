import * as tf from "@tensorflow/tfjs-core";
import { mulNoNan } from "../mul-no-nan";
import { sumToShape } from "./broadcast";

/**
 * Gradients of powers. Where the derivative of a power is 0, the gradient is 0 even when that of what follows is infinite: `norm(0)`, the
 * root of a sum of squares, has the gradient 0 as in PyTorch, which treats its norms so. `sqrt` itself stays infinite at 0, as there.
 */
const square: tf.GradConfig = {
  kernelName: "Square",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => mulNoNan(dy as tf.Tensor, tf.mul(tf.cast(x!, "float32"), 2)) }),
};

/** tfjs's own refuses operands that are broadcast. */
const squaredDifference: tf.GradConfig = {
  kernelName: "SquaredDifference",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => {
    const to = (own: tf.Tensor, other: tf.Tensor) => () =>
      sumToShape(mulNoNan(dy as tf.Tensor, tf.mul(tf.sub(own, other), 2)), own.shape);
    return { a: to(a!, b!), b: to(b!, a!) };
  },
};

/**
 * As in PyTorch the gradient to the base is 0 for the exponent 0, also at the base 0, and that to the exponent is 0 at the base 0 unless
 * the exponent is negative. The gradient to the exponent of a negative base, which has no logarithm, is tfjs's 0 and not PyTorch's NaN: a
 * learned exponent then ignores such elements instead of losing all others.
 */
const pow: tf.GradConfig = {
  kernelName: "Pow",
  inputsToSave: ["a", "b"],
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const [base, exponent, y] = saved.map((t) => tf.cast(t, "float32")) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const times = (derivative: tf.Tensor, shape: number[]) =>
      sumToShape(mulNoNan(dy as tf.Tensor, derivative), shape);
    return {
      a: () => times(mulNoNan(tf.pow(base, tf.sub(exponent, 1)), exponent), base.shape),
      b: () => {
        const flat = tf.logicalAnd(tf.equal(base, 0), tf.greaterEqual(exponent, 0));
        const log = tf.log(tf.where(tf.less(base, 0), tf.onesLike(base), base));
        const derivative = tf.where(flat, tf.zerosLike(y), tf.mul(y, log));
        return times(derivative, exponent.shape);
      },
    };
  },
};

export const powerGradients: readonly tf.GradConfig[] = [square, squaredDifference, pow];
