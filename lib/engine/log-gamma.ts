import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "./kernels/kernel";

const LOG_GAMMA = "Lgamma";
const DIGAMMA = "Digamma";

/**
 * Computes the logarithm of the absolute value of the gamma function. Its gradient is the digamma function, which has no gradient itself.
 *
 * @throws Error on a backend of tfjs other than the engine's
 */
export const logGamma = <T extends tf.Tensor>(x: T): T => tf.engine().runKernel(LOG_GAMMA, { x }) as T;

/** The kernels of `logGamma` and of its derivative. */
export const logGammaKernels: readonly tf.KernelConfig[] = [LOG_GAMMA, DIGAMMA].map((name) =>
  kernel(name, ({ x }: { x: tf.Tensor }, _attributes, backend) => backend.executeSingleOutput(name, [], [x])),
);

/** The gradient of `logGamma`. */
export const logGammaGradient: tf.GradConfig = {
  kernelName: LOG_GAMMA,
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({
    x: () => tf.mul(dy as tf.Tensor, tf.engine().runKernel(DIGAMMA, { x: x! }) as tf.Tensor),
  }),
};
