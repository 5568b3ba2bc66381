import { z } from "zod";
import { tf } from "../../engine";
import {
  below,
  component,
  type Plan,
  prefixed,
  problemAt,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type WeightSpec,
  type Weights,
} from "../../nn";
import { ones, orthogonal, zeros } from "../../nn/initializers";

const options = z.strictObject({
  hidden_dim: z.int().positive().default(64),
  kernel_size: z.int().positive().default(3),
  n_layers: z.int().positive().default(1),
});

const GATES = ["update_gate", "reset_gate", "out_gate"] as const;

interface Cell {
  /** Channels of a frame that comes in. */
  input: number;
  hidden: number;
  kernelSize: number;
}

/**
 * Convolutional gated recurrent units (Ballas et al. 2016): `z, r` and the candidate `n` by same-padded convolution of
 * `[x, h]`, `h' = (1 - z) h + z n`, from the state 0.
 *
 * @param sequence false keeps the last state only: a readout reads no more
 */
export const convgru = component(options, (o, at, input: VideoShape, sequence: boolean): Plan => {
  const { hidden_dim: hidden, kernel_size: kernelSize, n_layers: layers } = o;
  if (kernelSize % 2 === 0)
    throw problemAt(
      below(at, "kernel_size"),
      `${kernelSize} is even; the state keeps its size with an odd one`,
    );
  const cells: Cell[] = Array.from({ length: layers }, (_, i) => ({
    input: i === 0 ? input.channels : hidden,
    hidden,
    kernelSize,
  }));
  const { time, height, width } = input;
  const flopsOf = (cell: Cell) => {
    const perFrame = 2 * kernelSize ** 2 * height * width * 3 * hidden;
    return perFrame * (time * cell.input + (time - 1) * hidden);
  };
  return {
    output: { ...input, time: sequence ? time : 1, channels: hidden },
    weights: cells.flatMap((cell, i) => prefixed(`cells.${i}`, cellWeights(cell))),
    flops: cells.reduce((sum, cell) => sum + flopsOf(cell), 0),
    geometry: SAME_PLACE,
    apply: (x, weights) => {
      let states: tf.Tensor4D[] = [];
      let frames = x;
      cells.forEach((cell, i) => {
        if (i > 0) frames = tf.stack(states, 1) as tf.Tensor5D;
        states = runCell(cell, frames, scoped(weights, `cells.${i}`));
      });
      return (sequence ? tf.stack(states, 1) : tf.expandDims(states.at(-1)!, 1)) as tf.Tensor5D;
    },
  };
});

function cellWeights({ input, hidden, kernelSize }: Cell): WeightSpec[] {
  return GATES.flatMap((gate) => [
    { name: `${gate}.weight`, shape: [kernelSize, kernelSize, input + hidden, hidden], initial: orthogonal },
    // An update gate that starts open lets the first frames through.
    { name: `${gate}.bias`, shape: [hidden], initial: gate === "update_gate" ? ones : zeros },
  ]);
}

/**
 * The states after each frame. The inputs' share of all gates is one convolution over all frames at once, outside the
 * loop over time; the state 0 before the first frame costs nothing.
 */
function runCell({ input, hidden, kernelSize: k }: Cell, x: tf.Tensor5D, weights: Weights): tf.Tensor4D[] {
  const [batch, time, height, width, channels] = x.shape;
  const kernels = GATES.map((gate) => weights(`${gate}.weight`) as unknown as tf.Tensor4D);
  const ofInput = kernels.map((w) => tf.slice(w, [0, 0, 0, 0], [k, k, input, hidden]));
  const [update, reset, out] = kernels.map((w) => tf.slice(w, [0, 0, input, 0], [k, k, hidden, hidden]));
  const ofState = tf.concat([update!, reset!], 3);
  const bias = tf.concat(GATES.map((gate) => weights(`${gate}.bias`)));

  const frames = tf.reshape(tf.transpose(x, [1, 0, 2, 3, 4]), [time * batch, height, width, channels]);
  const shares = tf.add<tf.Tensor4D>(
    tf.conv2d(frames as tf.Tensor4D, tf.concat(ofInput, 3), 1, "same"),
    bias,
  );

  const states: tf.Tensor4D[] = [];
  for (const share of tf.split(shares, time, 0)) {
    const [gates, candidate] = tf.split(share, [2 * hidden, hidden], 3) as [tf.Tensor4D, tf.Tensor4D];
    const state = states.at(-1);
    if (!state) {
      const [z] = tf.split(tf.sigmoid(gates), 2, 3);
      states.push(tf.mul<tf.Tensor4D>(z!, tf.tanh(candidate)));
      continue;
    }
    const [z, r] = tf.split(
      tf.sigmoid(tf.add<tf.Tensor4D>(gates, tf.conv2d(state, ofState, 1, "same"))),
      2,
      3,
    );
    const seen = tf.conv2d(tf.mul<tf.Tensor4D>(r!, state), out!, 1, "same");
    const n = tf.tanh(tf.add<tf.Tensor4D>(candidate, seen));
    states.push(tf.add(state, tf.mul<tf.Tensor4D>(z!, tf.sub(n, state))));
  }
  return states;
}
