import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { TensorFlowError } from "../errors";

const known = new Map<string, boolean>();

/**
 * Whether TensorFlow computes a convolution op with dilation by itself. oneDNN and GPUs do so for most of them, plain CPU
 * kernels for none of the gradients; which it is depends on the machine and on `TF_ENABLE_ONEDNN_OPTS`. So a tiny
 * one is tried, once for each op. By itself is twice as fast as with zeros between the taps.
 *
 * @param tiny runs the op on small tensors
 */
export function dilatesNatively(backend: NodeJSKernelBackend, op: string, tiny: () => tf.Tensor): boolean {
  let answer = known.get(op);
  if (answer === undefined) {
    answer = outsideTrace(backend, () => succeeds(tiny));
    known.set(op, answer);
  }
  return answer;
}

function succeeds(tiny: () => tf.Tensor): boolean {
  try {
    tf.tidy(() => {
      tiny();
    });
    return true;
  } catch (error) {
    if (error instanceof TensorFlowError) return false;
    throw error;
  }
}

/** An open trace would take the op into its graph instead of executing it. */
function outsideTrace<T>(backend: NodeJSKernelBackend, body: () => T): T {
  const binding = backend.binding as TensorFlowBinding;
  const { trace } = binding;
  binding.trace = undefined;
  try {
    return body();
  } finally {
    binding.trace = trace;
  }
}
