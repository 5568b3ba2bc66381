import "./core-registrations";
import * as tf from "@tensorflow/tfjs-core";
import { NodeJSKernelBackend, type TensorMetadata } from "#tfjs/backend";
import { TensorFlowBinding } from "./binding";
import { describeTensors } from "./describe";
import { TF } from "./dtypes";
import { BACKEND } from "./kernels/kernel";
import { warnOfSecondTfjs } from "./one-tfjs";
import { registerOps } from "./register";

export const binding = new TensorFlowBinding();

/** tfjs on our binding. The backend class and the kernels are those of tfjs-node-gpu, as `vendor/` holds them. */
class TensorFlowBackend extends NodeJSKernelBackend {
  /** The tensors that the code of a function makes while it is traced. They become constants of the graph. */
  madeInside: WeakSet<object> | undefined;

  override write(...args: Parameters<NodeJSKernelBackend["write"]>) {
    const dataId = super.write(...args);
    this.madeInside?.add(dataId);
    return dataId;
  }

  /**
   * tfjs uploads a tensor's values when an op first reads them. For a tensor from before a trace the upload must not be
   * part of the trace, where values become constants.
   */
  override getInputTensorIds(tensors: tf.TensorInfo[]): number[] {
    const { trace } = binding;
    if (!trace) return super.getInputTensorIds(tensors);
    return tensors.flatMap((tensor) => {
      if (this.madeInside?.has(tensor.dataId)) return super.getInputTensorIds([tensor]);
      binding.trace = undefined;
      try {
        return super.getInputTensorIds([tensor]);
      } finally {
        binding.trace = trace;
      }
    });
  }

  /** tfjs has no 16-bit floats and calls them float32; only the engine handles such a tensor (`resident.ts`). */
  override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
    const half = metadata.dtype === TF.BFLOAT16 || metadata.dtype === TF.HALF;
    return super.createOutputTensor(half ? { ...metadata, dtype: TF.FLOAT } : metadata);
  }
}

export const backend = new TensorFlowBackend(binding, "@tensorflow/tfjs-node-gpu");

warnOfSecondTfjs();
registerOps();
describeTensors();
tf.registerBackend(BACKEND, () => backend, 3);
tf.setBackend(BACKEND);

/** The binding's number of a tensor; uploads values that tfjs still holds in JavaScript. */
export function idOf(tensor: tf.Tensor): number {
  return backend.getInputTensorIds([tensor])[0]!;
}

/** A tfjs tensor for a result of TensorFlow's; the tensor owns it. */
export function wrap(metadata: TensorMetadata): tf.Tensor {
  return backend.createOutputTensor(metadata);
}

/** Gives a variable a result of TensorFlow's as its new value. */
export function replace(variable: tf.Variable, metadata: TensorMetadata): void {
  const info = backend.tensorMap.get(variable.dataId);
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
  const info = backend.tensorMap.get(tensor.dataId);
  info.values = null;
  info.id = idOf(node);
}
