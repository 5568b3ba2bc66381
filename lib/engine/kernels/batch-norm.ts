import * as tf from "@tensorflow/tfjs-core";
import { BACKEND } from "./kernel";

const { kernelFunc, ...own } = tf.getKernel("FusedBatchNorm", BACKEND);

/**
 * Adds default `scale` and `offset` tensors to the kernel's inputs. tfjs leaves them undefined when they are not given, and its gradient
 * tape fails on undefined inputs.
 */
export const batchNormKernel: tf.KernelConfig = {
  ...own,
  kernelFunc: (call) => {
    const { inputs } = call;
    const { shape } = inputs.mean!;
    if (tf.engine().state.activeTape) {
      inputs.scale ??= tf.ones(shape);
      inputs.offset ??= tf.zeros(shape);
    }
    return kernelFunc(call);
  },
};
