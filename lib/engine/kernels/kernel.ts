import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import { ATTR } from "../attributes";

/** The name of the engine's backend in tfjs; tfjs-node's kernels are registered for it. */
export const BACKEND = "tensorflow";

/**
 * Creates a kernel of the engine's backend.
 *
 * @param run takes the kernel's inputs by name (or as an array, where tfjs passes one) and its attributes. It may call tfjs's ops, which
 * are not recorded for the gradient and whose intermediate results are disposed. It must not read values, which do not exist while a
 * function is traced.
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

/** Shorthand constructors for attributes of TensorFlow's ops. */
export const attr = {
  type: (name: string, value: number) => ({ name, type: ATTR.TYPE, value }),
  int: (name: string, value: number) => ({ name, type: ATTR.INT, value }),
  ints: (name: string, value: number[]) => ({ name, type: ATTR.INT, value }),
  bool: (name: string, value: boolean) => ({ name, type: ATTR.BOOL, value }),
  float: (name: string, value: number) => ({ name, type: ATTR.FLOAT, value }),
  string: (name: string, value: string) => ({ name, type: ATTR.STRING, value }),
};
