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
import { recur } from "./convgru-time";

const GATES = ["update_gate", "reset_gate", "out_gate"] as const;

/** The shape of a ConvGRU's cell. */
export interface Cell {
  /** The number of channels of an input frame. */
  readonly input: number;
  readonly hidden: number;
  /** The kernel's side, an odd number. */
  readonly kernelSize: number;
}

function cellWeights({ input, hidden, kernelSize }: Cell): WeightSpec[] {
  return GATES.flatMap((gate) => [
    { name: `${gate}.weight`, shape: [kernelSize, kernelSize, input + hidden, hidden], initial: orthogonal },
    // An update gate that starts open lets the first frames through.
    { name: `${gate}.bias`, shape: [hidden], initial: gate === "update_gate" ? ones : zeros },
  ]);
}

/**
 * Returns the states after each frame, time first: `[T, B, H, W, hidden]`, or the last one alone, `[1, B, H, W, hidden]`.
 *
 * The contribution of the inputs to the gates is one convolution over all frames but the first, outside the loop over time. The first
 * frame needs no reset gate and no convolution of the state, because the state before it is 0.
 *
 * @param frames `[T, B, H, W, input]`
 */
function runCell(
  { input, hidden }: Cell,
  frames: tf.Tensor5D,
  weights: Weights,
  sequence: boolean,
): tf.Tensor5D {
  const [time, batch, height, width] = frames.shape;
  const kernels = GATES.map((gate) => weights(`${gate}.weight`) as unknown as tf.Tensor4D);
  const [update, reset, out] = kernels.map((w) => tf.split(w, [input, hidden], 2)) as [
    Halves,
    Halves,
    Halves,
  ];
  const [updateBias, resetBias, outBias] = GATES.map((gate) => weights(`${gate}.bias`)) as tf.Tensor[];
  const shareOf = (part: tf.Tensor5D, kernels: tf.Tensor4D[], biases: tf.Tensor[]) => {
    const all = tf.reshape(part, [-1, height, width, input]) as tf.Tensor4D;
    return tf.add<tf.Tensor4D>(tf.conv2d(all, tf.concat(kernels, 3), 1, "same"), tf.concat(biases));
  };
  // With one frame nothing is reset; a compiled step removes these unused operations.
  const [opening, rest] = (time > 1 ? tf.split(frames, [1, time - 1], 0) : [frames, frames]) as [
    tf.Tensor5D,
    tf.Tensor5D,
  ];
  const first = shareOf(opening, [update[0], out[0]], [updateBias!, outBias!]);
  const later = shareOf(rest, [update[0], reset[0], out[0]], [updateBias!, resetBias!, outBias!]);
  const states = recur(
    { first, later, gates: tf.concat([update[1], reset[1]], 3), out: out[1] },
    { time, sequence },
  );
  return tf.reshape(states, [sequence ? time : 1, batch, height, width, hidden]);
}

/** A kernel's part for the input and its part for the state. */
type Halves = [tf.Tensor4D, tf.Tensor4D];

const options = z.strictObject({
  hidden_dim: z.int().positive().default(64),
  kernel_size: z.int().positive().default(3),
  n_layers: z.int().positive().default(1),
});

/**
 * Convolutional gated recurrent units (Ballas et al. 2016): `z, r` and the candidate `n` by same-padded convolution of
 * `[x, h]`, `h' = (1 - z) h + z n`, from the state 0.
 *
 * @param sequence whether to return all states; a readout needs only the last one
 */
export const convgru = component(options, (o, at, input: VideoShape, sequence: boolean): Plan => {
  const { hidden_dim: hidden, kernel_size: kernelSize, n_layers: layers } = o;
  if (kernelSize % 2 === 0)
    throw problemAt(
      below(at, "kernel_size"),
      `is ${kernelSize}, but must be odd, so that the state keeps its size`,
    );
  const cells: Cell[] = Array.from({ length: layers }, (_, i) => ({
    input: i === 0 ? input.channels : hidden,
    hidden,
    kernelSize,
  }));
  const { time, height, width } = input;
  const flopsOf = (cell: Cell) => {
    const perFrame = 2 * kernelSize ** 2 * height * width * hidden;
    // Three gates for the input and for the state; the first frame has no reset gate and no state.
    return perFrame * ((3 * time - 1) * cell.input + 3 * (time - 1) * hidden);
  };
  return {
    output: { ...input, time: sequence ? time : 1, channels: hidden },
    weights: cells.flatMap((cell, i) => prefixed(`cells.${i}`, cellWeights(cell))),
    flops: cells.reduce((sum, cell) => sum + flopsOf(cell), 0),
    geometry: SAME_PLACE,
    apply: (x, weights) => {
      const byTime = tf.transpose(x, [1, 0, 2, 3, 4]);
      const states = cells.reduce(
        (frames, cell, i) =>
          runCell(cell, frames, scoped(weights, `cells.${i}`), sequence || i < cells.length - 1),
        byTime,
      );
      return tf.transpose(states, [1, 0, 2, 3, 4]);
    },
  };
});
