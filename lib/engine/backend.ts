import * as tf from "@tensorflow/tfjs-core";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import type { TensorMetadata, TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels";
import { TensorFlowBinding } from "./binding";
import { describeTensors } from "./describe";
import { TF } from "./dtypes";
import { BACKEND } from "./kernels/kernel";
import { warnOfSecondTfjs } from "./one-tfjs";
import { registerOps } from "./register";

/**
 * tfjs on our binding. The backend class and the kernels are those of tfjs-node-gpu's `dist`; its `main`, which looks
 * for a compiled addon, is never imported.
 */

/** What the backend class keeps private: where a tensor lives, and how TensorFlow's results become tensors. */
interface BackendInternals {
  tensorMap: { get(dataId: object): { id: number; refCount: number; values: unknown } };
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: tf.Tensor[]): number[];
}

export const binding = new TensorFlowBinding();

class TensorFlowBackend extends NodeJSKernelBackend {
  /** While a function is traced: the tensors that its code makes. They become constants of the graph. */
  madeInside: WeakSet<object> | undefined;

  override write(...args: Parameters<NodeJSKernelBackend["write"]>) {
    const dataId = super.write(...args);
    this.madeInside?.add(dataId);
    return dataId;
  }
}

export const backend = new TensorFlowBackend(binding as unknown as TFJSBinding, "@tensorflow/tfjs-node-gpu");
const internals = backend as unknown as BackendInternals;

const inputIds = internals.getInputTensorIds.bind(backend);
/**
 * tfjs uploads a tensor's values when an op first reads them. For a tensor from before a trace that must not be part of
 * the trace, where values become constants.
 */
internals.getInputTensorIds = (tensors) => {
  const { trace } = binding;
  if (!trace) return inputIds(tensors);
  return tensors.flatMap((tensor) => {
    if (backend.madeInside?.has(tensor.dataId)) return inputIds([tensor]);
    binding.trace = undefined;
    try {
      return inputIds([tensor]);
    } finally {
      binding.trace = trace;
    }
  });
};

const toTensor = internals.createOutputTensor.bind(backend);
/** tfjs has no 16-bit floats and calls them float32; only the engine handles such a tensor (`resident.ts`). */
internals.createOutputTensor = (metadata) => {
  const half = metadata.dtype === TF.BFLOAT16 || metadata.dtype === TF.HALF;
  return toTensor(half ? { ...metadata, dtype: TF.FLOAT } : metadata);
};

warnOfSecondTfjs();
registerOps();
describeTensors();
tf.registerBackend(BACKEND, () => backend, 3);
tf.setBackend(BACKEND);

/** The binding's number of a tensor; uploads values that tfjs still holds in JavaScript. */
export function idOf(tensor: tf.Tensor): number {
  return internals.getInputTensorIds([tensor])[0]!;
}

/** A tfjs tensor for a result of TensorFlow's; the tensor owns it. */
export function wrap(metadata: TensorMetadata): tf.Tensor {
  return internals.createOutputTensor(metadata);
}

/** Gives a variable a result of TensorFlow's as its new value. */
export function replace(variable: tf.Variable, metadata: TensorMetadata): void {
  const info = internals.tensorMap.get(variable.dataId);
  if (info.refCount === 1) {
    // Nobody else sees this memory, so the handle alone is exchanged: a step replaces hundreds of variables.
    binding.deleteTensor(info.id);
    info.id = metadata.id;
    return;
  }
  const value = wrap(metadata);
  variable.assign(value);
  value.dispose();
}

/** While a function is traced: puts a node of the graph in the place of values that JavaScript made. */
export function become(tensor: tf.Tensor, node: tf.Tensor): void {
  const info = internals.tensorMap.get(tensor.dataId);
  info.values = null;
  info.id = idOf(node);
}
