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
} from "../../nn";
import { type Cell, cellWeights, runCell } from "./convgru-cell";

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
      `${kernelSize} is even; the state keeps its size with an odd one`,
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
