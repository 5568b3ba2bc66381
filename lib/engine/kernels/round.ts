import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import { BACKEND } from "./kernel";

const { kernelFunc: floats, ...own } = tf.getKernel("Round", BACKEND);

/**
 * TensorFlow 2.21 rounds every integer to 0: it looks for ties, that is for a fraction of a half, and a half is 0 as an
 * integer. An integer is rounded already.
 */
export const roundKernel: tf.KernelConfig = {
  ...own,
  kernelFunc: (call) => {
    const { x } = call.inputs as { x: tf.TensorInfo };
    if (x.dtype !== "int32") return floats(call);
    (call.backend as NodeJSKernelBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};
