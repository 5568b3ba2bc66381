import { NodeJSKernelBackend, type TensorMetadata } from "#tfjs/backend";
import { TensorFlowBinding } from "./binding";
import "./core-registrations";
import { inspect } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { TF } from "./dtypes";
import { BACKEND } from "./kernels/kernel";
import { warnOfSecondTfjs } from "./one-tfjs";
import { registerOps } from "./register";

/** Makes Node print a tensor as its shape and type, in place of the internal fields of tfjs's class. */
function describeTensors(): void {
  Object.defineProperty(tf.Tensor.prototype, inspect.custom, { value: description, configurable: true });
}

function description(this: tf.Tensor): string {
  const kind = this instanceof tf.Variable ? `Variable ${this.name}` : "Tensor";
  return `${kind} [${this.shape.join(", ")}] ${this.dtype}${this.isDisposed ? " (disposed)" : ""}`;
}

/** The binding of this process to TensorFlow. */
export const binding = new TensorFlowBinding();

/** The tfjs backend on this binding. The backend class and the kernels come from tfjs-node-gpu, in `vendor/`. */
class TensorFlowBackend extends NodeJSKernelBackend {
  /** The tensors created by a function's code while it is traced. They become constants of the graph. */
  madeInside: WeakSet<object> | undefined;

  override write(...args: Parameters<NodeJSKernelBackend["write"]>) {
    const dataId = super.write(...args);
    this.madeInside?.add(dataId);
    return dataId;
  }

  /**
   * tfjs uploads a tensor's values when an op first reads them. The upload of a tensor created before a trace must happen outside the
   * trace, because values uploaded inside become constants.
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

  /**
   * tfjs has neither 16-bit types nor 64-bit integers and calls them float32 or int32; only the engine handles such a tensor
   * (`resident.ts`, `raw-ops.ts`).
   */
  override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
    return super.createOutputTensor({ ...metadata, dtype: REPORTED[metadata.dtype] ?? metadata.dtype });
  }
}

/** The types that tfjs reports in place of those that it does not have. */
const REPORTED: Readonly<Record<number, number>> = {
  [TF.BFLOAT16]: TF.FLOAT,
  [TF.HALF]: TF.FLOAT,
  [TF.INT64]: TF.INT32,
  [TF.UINT16]: TF.INT32,
  [TF.VARIANT]: TF.RESOURCE,
};

/** The engine's backend, which is registered in tfjs. */
export const backend = new TensorFlowBackend(binding, "@tensorflow/tfjs-node-gpu");

warnOfSecondTfjs();
registerOps();
describeTensors();
tf.registerBackend(BACKEND, () => backend, 3);
tf.setBackend(BACKEND);

/** Returns the binding's number of a tensor. Uploads values that tfjs still holds in JavaScript. */
export function idOf(tensor: tf.Tensor): number {
  return backend.getInputTensorIds([tensor])[0]!;
}

/** Returns a tfjs tensor for a TensorFlow result; the tensor owns the result. */
export function wrap(metadata: TensorMetadata): tf.Tensor {
  return backend.createOutputTensor(metadata);
}

/** Sets a variable to a TensorFlow result. */
export function replace(variable: tf.Variable, metadata: TensorMetadata): void {
  const info = backend.tensorMap.get(variable.dataId);
  if (info.refCount === 1) {
    // No other tensor shares this memory, so exchanging the handle is enough. This is cheap for the hundreds of variables that a step
    // replaces.
    binding.deleteTensor(info.id);
    info.id = metadata.id;
    return;
  }
  const value = wrap(metadata);
  variable.assign(value);
  value.dispose();
}

/** Replaces values made by JavaScript with a node of the graph, while a function is traced. */
export function become(tensor: tf.Tensor, node: tf.Tensor): void {
  const info = backend.tensorMap.get(tensor.dataId);
  info.values = null;
  info.id = idOf(node);
}
