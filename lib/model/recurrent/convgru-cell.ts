import { tf } from "../../engine";
import type { WeightSpec, Weights } from "../../nn";
import { ones, orthogonal, zeros } from "../../nn/initializers";
import { recur } from "./convgru-time";

const GATES = ["update_gate", "reset_gate", "out_gate"] as const;

export interface Cell {
  /** Channels of a frame that comes in. */
  readonly input: number;
  readonly hidden: number;
  /** Odd. */
  readonly kernelSize: number;
}

export function cellWeights({ input, hidden, kernelSize }: Cell): WeightSpec[] {
  return GATES.flatMap((gate) => [
    { name: `${gate}.weight`, shape: [kernelSize, kernelSize, input + hidden, hidden], initial: orthogonal },
    // An update gate that starts open lets the first frames through.
    { name: `${gate}.bias`, shape: [hidden], initial: gate === "update_gate" ? ones : zeros },
  ]);
}

/**
 * The states after each frame, time first: `[T, B, H, W, hidden]`, or the last one alone, `[1, B, H, W, hidden]`.
 *
 * The inputs' share of all gates is one convolution over all frames at once, outside the loop over time; the state 0 before
 * the first frame costs nothing.
 *
 * @param frames `[T, B, H, W, input]`
 */
export function runCell(
  { input, hidden, kernelSize: k }: Cell,
  frames: tf.Tensor5D,
  weights: Weights,
  sequence: boolean,
): tf.Tensor5D {
  const [time, batch, height, width] = frames.shape;
  const kernels = GATES.map((gate) => weights(`${gate}.weight`) as unknown as tf.Tensor4D);
  const ofInput = kernels.map((w) => tf.slice(w, [0, 0, 0, 0], [k, k, input, hidden]));
  const [update, reset, out] = kernels.map((w) => tf.slice(w, [0, 0, input, 0], [k, k, hidden, hidden]));
  const bias = tf.concat(GATES.map((gate) => weights(`${gate}.bias`)));
  const all = tf.reshape(frames, [time * batch, height, width, input]) as tf.Tensor4D;
  const shares = tf.add<tf.Tensor4D>(tf.conv2d(all, tf.concat(ofInput, 3), 1, "same"), bias);
  const states = recur(shares, tf.concat([update!, reset!], 3), out!, { time, sequence });
  return tf.reshape(states, [sequence ? time : 1, batch, height, width, hidden]);
}
