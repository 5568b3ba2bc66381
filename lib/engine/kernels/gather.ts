import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { getTFDType } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { TF } from "../dtypes";
import { attr, kernel } from "./kernel";

/** TensorFlow's GatherV2: the slices of `x` along `axis` at `indices` (int32). `dtype` is TensorFlow's type of x. */
export function gather(
  backend: NodeJSKernelBackend,
  x: tf.TensorInfo,
  indices: tf.TensorInfo,
  { axis, batchDims, dtype }: { axis: number; batchDims: number; dtype: number },
): tf.Tensor {
  const axisTensor = tf.scalar(axis, "int32");
  const attributes = [
    attr.int("batch_dims", batchDims),
    attr.type("Tparams", dtype),
    attr.type("Tindices", TF.INT32),
    attr.type("Taxis", TF.INT32),
  ];
  const result = backend.executeSingleOutput("GatherV2", attributes, [x, indices, axisTensor]);
  axisTensor.dispose();
  return result;
}

// tfjs-node's own kernel reads all indices back to check them, which a compiled function cannot. TensorFlow checks too.
export const gatherKernel = kernel(
  "GatherV2",
  (
    { x, indices }: { x: tf.Tensor; indices: tf.Tensor },
    { axis, batchDims }: tf.GatherV2Attrs,
    backend,
  ): tf.Tensor => {
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    return gather(backend, x, indices, { axis, batchDims, dtype: getTFDType(x.dtype) });
  },
);
