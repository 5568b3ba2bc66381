import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import { getTFDType } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { TF } from "../dtypes";
import { attr, BACKEND } from "./kernel";

/** Runs TensorFlow's GatherV2: returns the slices of `x` along `axis` at `indices` (int32). `dtype` is TensorFlow's type of x. */
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

const { kernelFunc: checked, ...own } = tf.getKernel("GatherV2", BACKEND);

/**
 * Gathers without reading the indices back during a trace. tfjs-node's own kernel reads them to check their range, which is impossible
 * while a function is compiled; in a graph, TensorFlow checks them.
 */
export const gatherKernel: tf.KernelConfig = {
  ...own,
  kernelFunc: (call) => {
    const backend = call.backend as NodeJSKernelBackend;
    if (!isTracing(backend)) return checked(call);
    const { x, indices } = call.inputs as { x: tf.Tensor; indices: tf.Tensor };
    const { axis, batchDims } = call.attrs as unknown as tf.GatherV2Attrs;
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    return gather(backend, x, indices, { axis, batchDims, dtype: getTFDType(x.dtype) });
  },
};

function isTracing({ binding }: NodeJSKernelBackend): boolean {
  return (binding as TensorFlowBinding).trace !== undefined;
}
