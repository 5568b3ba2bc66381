import * as tf from "@tensorflow/tfjs-core";
import { TF } from "../dtypes";
import { attr, kernel } from "../kernels/kernel";
import { mulNoNan, sumToShape } from "../mul-no-nan";

/**
 * TensorFlow's own gradient kernels of pointwise functions. Each takes one pass over memory; tfjs composes them of up
 * to six ops. `relu` is not among them, because TensorFlow's kernel multiplies an infinite gradient by 0: see below.
 *
 * Each is registered as a kernel with its own gradient, so second derivatives work.
 */
interface FusedGradient {
  /** The kernel that this is the gradient of, and the tensor of that kernel that is kept for it. */
  of: string;
  keeps: "x" | "y";
  /** TensorFlow's name, and the order in which it takes the kept tensor and the gradient of the output. */
  kernel: string;
  order: readonly ("dy" | "kept")[];
  /** d²/dkept, the factor of `dd * dy` for second derivatives. */
  second(kept: tf.Tensor): tf.Tensor;
}

const FUSED: readonly FusedGradient[] = [
  {
    of: "Sigmoid",
    keeps: "y",
    kernel: "SigmoidGrad",
    order: ["kept", "dy"],
    second: (y) => tf.sub(1, tf.mul(2, y)),
  },
  { of: "Tanh", keeps: "y", kernel: "TanhGrad", order: ["kept", "dy"], second: (y) => tf.mul(-2, y) },
  {
    of: "Rsqrt",
    keeps: "y",
    kernel: "RsqrtGrad",
    order: ["kept", "dy"],
    second: (y) => tf.mul(-1.5, tf.square(y)),
  },
  {
    of: "Softplus",
    keeps: "x",
    kernel: "SoftplusGrad",
    order: ["dy", "kept"],
    second: (x) => {
      const s = tf.sigmoid(x);
      return tf.mul(s, tf.sub(1, s));
    },
  },
];

const run = (kernel: string, dy: tf.Tensor, kept: tf.Tensor) =>
  tf.engine().runKernel(kernel, { dy, kept }) as tf.Tensor;

/** The kernels of TensorFlow's gradients of pointwise functions. */
export const activationGradientKernels = FUSED.map(({ kernel: name, order }) =>
  kernel(
    name,
    (given: { dy: tf.Tensor; kept: tf.Tensor }, _attributes, backend): tf.Tensor =>
      backend.executeSingleOutput(
        name,
        [attr.type("T", TF.FLOAT)],
        order.map((input) => given[input]),
      ),
  ),
);

/** The gradients of pointwise functions by these kernels. */
export const activationGradients = FUSED.flatMap(({ of, keeps, kernel, second }): tf.GradConfig[] => [
  {
    kernelName: of,
    ...(keeps === "x" ? { inputsToSave: ["x"] } : { outputsToSave: [true] }),
    gradFunc: (dy, [kept]) => ({ x: () => run(kernel, dy as tf.Tensor, kept!) }),
  },
  {
    kernelName: kernel,
    inputsToSave: ["dy", "kept"],
    gradFunc: (dd, [dy, kept]) => ({
      dy: () => run(kernel, dd as tf.Tensor, kept!),
      kept: () => tf.mul(tf.mul(dd as tf.Tensor, dy!), second(kept!)),
    }),
  },
]);

/**
 * Gradients of functions with a kink, with PyTorch's values at the kink: 0 for `relu` at 0 and for `relu6` at 0 and 6,
 * where tfjs has 1 for `relu6` at 6. `abs` keeps tfjs's gradient at 0, which is -1: the sigmoid cross-entropy of tfjs
 * and of its layers, `relu(x) - x y + log1p(exp(-|x|))`, is differentiable at 0 and has its true gradient only with it.
 * `magnitude` has PyTorch's.
 *
 * `relu` and `relu6` mask the gradient instead of multiplying with 0, because the gradient that arrives may be
 * infinite: `sqrt(relu(x))` has the gradient 0 for x ≤ 0. TensorFlow's `ReluGrad` multiplies and gives NaN there.
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

/** The gradients of functions with a kink. */
export const kinkGradients: readonly tf.GradConfig[] = [relu, relu6];

/** Computes `|x|` with the gradient 0 at 0, like PyTorch's `abs`. */
export const magnitude = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sign(x));

/**
 * Gradients of powers. Where the derivative of a power is 0, the gradient is 0 even when the arriving gradient is
 * infinite: `norm(0)`, the root of a sum of squares, has the gradient 0 as in PyTorch, which treats its norms in this
 * way. `sqrt` itself has an infinite gradient at 0, as in PyTorch.
 */
const square: tf.GradConfig = {
  kernelName: "Square",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => mulNoNan(dy as tf.Tensor, tf.mul(tf.cast(x!, "float32"), 2)) }),
};

/** Replaces tfjs's own gradient, which rejects operands that are broadcast. */
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
 * Computes the gradients of `pow`. As in PyTorch, the gradient to the base is 0 for the exponent 0, also at the base 0,
 * and the gradient to the exponent is 0 at the base 0 unless the exponent is negative. For a negative base, which has
 * no logarithm, the gradient to the exponent is 0 as in tfjs instead of NaN as in PyTorch, so that a learned exponent
 * ignores such elements.
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

/** The gradients of powers. */
export const powerGradients: readonly tf.GradConfig[] = [square, squaredDifference, pow];
