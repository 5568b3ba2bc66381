import * as tf from "@tensorflow/tfjs-core";
import { BACKEND } from "./kernel";

const { kernelFunc, ...own } = tf.getKernel("FusedBatchNorm", BACKEND);

/**
 * tfjs leaves `scale` and `offset` undefined where there are none, on which its tape fails. Put into the kernel's inputs
 * here, they are there when the tape looks.
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
