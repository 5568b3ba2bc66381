import * as tf from "@tensorflow/tfjs-core";
import { TF } from "../dtypes";
import { attr, kernel } from "../kernels/kernel";

/**
 * TensorFlow's own gradient kernels of pointwise functions, each one pass over memory. tfjs composes them of up to six.
 * That of `relu`, which multiplies an infinite gradient by 0, is in `kinks.ts` instead.
 *
 * Each is registered as a kernel with a gradient of its own, so second derivatives work.
 */
interface FusedGradient {
  /** The kernel whose gradient it is, and what of that is kept for it. */
  of: string;
  keeps: "x" | "y";
  /** TensorFlow's name, and in which order it takes what was kept and the gradient of the output. */
  kernel: string;
  order: readonly ("dy" | "kept")[];
  /** d²/dkept, for second derivatives: the factor of `dd * dy`. */
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
