import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { TensorFlowError } from "../errors";

const known = new Map<string, boolean>();

/**
 * Whether TensorFlow supports dilation natively in a convolution op. oneDNN and GPUs do for most ops; plain CPU kernels do for none of
 * the gradients. This depends on the machine and on `TF_ENABLE_ONEDNN_OPTS`, so each op is tested once on tiny tensors. Native dilation
 * is twice as fast as inserting zeros between the taps.
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

/** Runs code outside any open trace, which would otherwise add the op to its graph instead of executing it. */
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
