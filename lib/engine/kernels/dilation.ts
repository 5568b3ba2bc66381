import * as tf from "@tensorflow/tfjs-core";
import type { NodeJSKernelBackend } from "#tfjs/backend";
import type { TensorFlowBinding } from "../binding";
import { TensorFlowError } from "../errors";

/**
 * Inserts zeros between a kernel's taps, so that a plain convolution with it equals a dilated one.
 *
 * @param kernel `[...taps, in, out]`
 * @param dilations one for each of its first axes
 */
export function spreadTaps(kernel: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  return dilations.reduce((k, by, axis) => {
    const taps = k.shape[axis]!;
    if (by === 1 || taps === 1) return k;
    const { before, after } = around(k.shape, axis);
    const gaps = tf.pad(tf.reshape(k, [before, taps, after]), [
      [0, 0],
      [0, 0],
      [0, (by - 1) * after],
    ]);
    const length = (taps - 1) * by + 1;
    const spread = tf.slice(tf.reshape(gaps, [before, taps * by, after]), [0, 0, 0], [before, length, after]);
    return tf.reshape(spread, k.shape.with(axis, length));
  }, kernel);
}

/** Extracts the taps of a spread kernel: the adjoint of `spreadTaps`. */
export function gatherTaps(spread: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  const steps = spread.shape.map((_, axis) => dilations[axis] ?? 1);
  const zeros = steps.map(() => 0);
  return tf.stridedSlice(spread, zeros, spread.shape, steps);
}

/** Returns the extent of a dilated kernel. */
export const reach = (taps: number, dilation: number) => (taps - 1) * dilation + 1;

function around(shape: readonly number[], axis: number) {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { before: product(shape.slice(0, axis)), after: product(shape.slice(axis + 1)) };
}

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
