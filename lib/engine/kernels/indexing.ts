import * as tf from "@tensorflow/tfjs-core";
import { scalar } from "@tensorflow/tfjs-core";
import { getTFDType, type NodeJSKernelBackend } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { TF } from "../dtypes";
import { attr, BACKEND, kernel } from "./kernel";

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

const { kernelFunc: checked, ...tfjsGather } = tf.getKernel("GatherV2", BACKEND);

/**
 * Gathers without reading the indices back during a trace. tfjs-node's own kernel reads them to check their range, which is impossible
 * while a function is compiled; in a graph, TensorFlow checks them.
 */
export const gatherKernel: tf.KernelConfig = {
  ...tfjsGather,
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

/** Kernels that tfjs-node does not register: `searchSorted` (insertion positions in sorted values) and `bincount`. */

const searchSorted = kernel(
  "SearchSorted",
  (
    { sortedSequence, values }: { sortedSequence: tf.Tensor; values: tf.Tensor },
    { side }: tf.SearchSortedAttrs,
    backend,
  ): tf.Tensor => {
    const attributes = [attr.type("T", getTFDType(values.dtype)), attr.type("out_type", TF.INT32)];
    const op = side === "left" ? "LowerBound" : "UpperBound";
    return backend.executeSingleOutput(op, attributes, [sortedSequence, values]);
  },
);

const denseBincount = kernel(
  "DenseBincount",
  (
    { x, weights }: { x: tf.Tensor; weights: tf.Tensor },
    { size, binaryOutput }: tf.DenseBincountAttrs,
    backend,
  ): tf.Tensor => {
    const attributes = [
      attr.type("Tidx", TF.INT32),
      attr.type("T", getTFDType(weights.dtype)),
      attr.bool("binary_output", binaryOutput ?? false),
    ];
    return backend.executeSingleOutput("DenseBincount", attributes, [x, scalar(size, "int32"), weights]);
  },
);

/** The kernels of searches and counts. */
export const searchKernels = [searchSorted, denseBincount];

const { kernelFunc: floats, ...tfjsRound } = tf.getKernel("Round", BACKEND);

/**
 * Returns integers unchanged. TensorFlow 2.21 rounds every integer to 0: its test for ties compares with a half, which is 0 as an integer.
 */
export const roundKernel: tf.KernelConfig = {
  ...tfjsRound,
  kernelFunc: (call) => {
    const { x } = call.inputs as { x: tf.TensorInfo };
    if (x.dtype !== "int32") return floats(call);
    (call.backend as NodeJSKernelBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

/** Places the gradient of a strided slice at the position of the slice, with zeros elsewhere. tfjs has no such kernel. */
export const stridedSliceGradKernel = kernel(
  "StridedSliceGrad",
  ({ dy }: { dy: tf.Tensor }, attrs: tf.StridedSliceAttrs & { inputShape: number[] }, backend): tf.Tensor => {
    const attributes = [
      attr.type("T", getTFDType(dy.dtype)),
      attr.type("Index", TF.INT32),
      attr.int("begin_mask", attrs.beginMask),
      attr.int("end_mask", attrs.endMask),
      attr.int("ellipsis_mask", attrs.ellipsisMask),
      attr.int("new_axis_mask", attrs.newAxisMask),
      attr.int("shrink_axis_mask", attrs.shrinkAxisMask),
    ];
    const indices = [attrs.inputShape, attrs.begin, attrs.end, attrs.strides].map((values) =>
      tf.tensor1d(values, "int32"),
    );
    return backend.executeSingleOutput("StridedSliceGrad", attributes, [...indices, dy]);
  },
);
