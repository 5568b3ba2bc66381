import * as tf from "@tensorflow/tfjs-core";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import type { TensorMetadata, TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels";
import { TensorFlowBinding } from "./binding";
import { BACKEND } from "./kernels/kernel";
import { registerOps } from "./register";

/**
 * tfjs on our binding. The backend class and the kernels are those of tfjs-node-gpu's `dist`; its `main`, which looks
 * for a compiled addon, is never imported.
 */

/** What the backend class keeps private: where a tensor lives, and how TensorFlow's results become tensors. */
interface BackendInternals {
  tensorMap: { get(dataId: object): { id: number; refCount: number } };
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: tf.Tensor[]): number[];
}

export const binding = new TensorFlowBinding();
export const backend = new NodeJSKernelBackend(
  binding as unknown as TFJSBinding,
  "@tensorflow/tfjs-node-gpu",
);
const internals = backend as unknown as BackendInternals;

registerOps();
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
