import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import { BACKEND } from "./kernel";

const { kernelFunc: floats, ...own } = tf.getKernel("Round", BACKEND);

/**
 * Returns integers unchanged. TensorFlow 2.21 rounds every integer to 0: its test for ties compares with a half, which is 0 as an integer.
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
