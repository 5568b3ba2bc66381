import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import { ATTR } from "../attributes";

/** The name under which tfjs knows the engine's backend; tfjs-node's kernels are registered for it. */
export const BACKEND = "tensorflow";

/**
 * A kernel of the engine's backend.
 *
 * @param run takes the kernel's inputs by name (or as an array, where tfjs passes one) and its attributes. It may call
 * tfjs's ops, which are neither recorded for the gradient nor left behind. It must not read values: there are none
 * while a function is traced.
 */
export function kernel<Inputs, Attributes>(
  kernelName: string,
  run: (inputs: Inputs, attributes: Attributes, backend: NodeJSKernelBackend) => tf.Tensor | tf.Tensor[],
): tf.KernelConfig {
  return {
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() => run(inputs as Inputs, attrs as Attributes, backend as NodeJSKernelBackend)),
  };
}

/** Attributes of TensorFlow's ops, written short. */
export const attr = {
  type: (name: string, value: number) => ({ name, type: ATTR.TYPE, value }),
  int: (name: string, value: number) => ({ name, type: ATTR.INT, value }),
  ints: (name: string, value: number[]) => ({ name, type: ATTR.INT, value }),
  bool: (name: string, value: boolean) => ({ name, type: ATTR.BOOL, value }),
  float: (name: string, value: number) => ({ name, type: ATTR.FLOAT, value }),
  string: (name: string, value: string) => ({ name, type: ATTR.STRING, value }),
};
