import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { getTFDType } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { ATTR } from "./attributes";
import type { TensorFlowBinding } from "./binding";
import { TF } from "./dtypes";

/** TensorFlow's GatherV2: the slices of `x` along `axis` at `indices` (int32). `dtype` is TensorFlow's type of x. */
export function gather(
  backend: NodeJSKernelBackend,
  x: tf.TensorInfo,
  indices: tf.TensorInfo,
  { axis, batchDims, dtype }: { axis: number; batchDims: number; dtype: number },
): tf.Tensor {
  const axisTensor = tf.scalar(axis, "int32");
  const type = (name: string, value: number) => ({ name, type: ATTR.TYPE, value });
  const attributes = [
    { name: "batch_dims", type: ATTR.INT, value: batchDims },
    type("Tparams", dtype),
    type("Tindices", TF.INT32),
    type("Taxis", TF.INT32),
  ];
  const result = backend.executeSingleOutput("GatherV2", attributes, [x, indices, axisTensor]);
  axisTensor.dispose();
  return result;
}

// tfjs-node's own kernel reads all indices back to check them, which a function being compiled cannot: in a graph the
// check is TensorFlow's.
const checked = tf.getKernel("GatherV2", "tensorflow");
tf.unregisterKernel("GatherV2", "tensorflow");
tf.registerKernel({
  ...checked,
  kernelFunc: (call) => {
    const { inputs, attrs, backend } = call;
    if (!isTracing(backend as NodeJSKernelBackend)) return checked.kernelFunc(call);
    const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = attrs as unknown as tf.GatherV2Attrs;
    tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x as tf.Tensor,
      indices as tf.Tensor,
      axis,
      batchDims,
    );
    const dtype = getTFDType(x.dtype);
    return gather(backend as NodeJSKernelBackend, x, indices, { axis, batchDims, dtype });
  },
});

function isTracing({ binding }: NodeJSKernelBackend): boolean {
  return (binding as unknown as TensorFlowBinding).trace !== undefined;
}
