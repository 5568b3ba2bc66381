import { z } from "zod";
import { tf } from "../../engine";
import type { PenalizedWeight, Penalty } from "./regularizer";

/** Filters of second differences over space, by their size. */
const FILTERS = {
  3: [
    [0, -1, 0],
    [-1, 4, -1],
    [0, -1, 0],
  ],
  5: [
    [0, 0, 1, 0, 0],
    [0, 1, 2, 1, 0],
    [1, 2, -16, 2, 1],
    [0, 1, 2, 1, 0],
    [0, 0, 1, 0, 0],
  ],
  7: [
    [0, 0, 1, 1, 1, 0, 0],
    [0, 1, 3, 3, 3, 1, 0],
    [1, 3, 0, -7, 0, 3, 1],
    [1, 3, -7, -24, -7, 3, 1],
    [1, 3, 0, -7, 0, 3, 1],
    [0, 1, 3, 3, 3, 1, 0],
    [0, 0, 1, 1, 1, 0, 0],
  ],
} as const;

/** Options of the penalty `laplacian`. */
export const laplacianOptions = z.strictObject({
  /** The size of the filter: the Laplace filter (3), or a Laplacian of Gaussians, which looks at coarser structure. */
  filter_size: z.literal([3, 5, 7]).default(3),
  /** Whether to divide by the sum of squares of the weight, so that the penalty does not shrink the weight as a whole. */
  normalize: z.boolean().default(false),
});

/** Added to the divisor, so that a weight of zeros has a penalty of 0. */
const LEAST_SQUARES = 1e-12;

/**
 * Makes the penalty on rough spatial kernels, `Σ (Δw)² / 2` with the discrete Laplace operator Δ over space and zeros around the kernel; with
 * `normalize`, `Σ (Δw)² / Σ w²`. It is the penalty `LaplaceL2` of the package neuralpredictors, summed over kernels, and the smoothness
 * penalty of Klindt et al. 2017 and Cadena et al. 2019.
 */
export function laplacian(options: z.output<typeof laplacianOptions>): Penalty {
  const rows = FILTERS[options.filter_size];
  const filter = rows.flat();
  const size = rows.length;
  return {
    kind: "penalty",
    replacesDecay: false,
    problemOf: (weight) =>
      imagesOf(weight)
        ? undefined
        : "has no axes of space; laplacian applies to convolution kernels and to the masks of the factorized readout",
    of: (weight, frame) => {
      const { height, width, order } = imagesOf({ shape: weight.shape, frame })!;
      const images = tf.reshape(tf.transpose(weight, order), [-1, height, width, 1]);
      const rough = tf.conv2d(images as tf.Tensor4D, tf.tensor4d([...filter], [size, size, 1, 1]), 1, "same");
      const sum = tf.sum(tf.square(rough));
      if (!options.normalize) return tf.div(sum, 2);
      return tf.div(sum, tf.add(tf.sum(tf.square(weight)), LEAST_SQUARES));
    },
  };
}

/** Returns the size of the images in a weight, a convolution kernel or rows that are frames, and the order of axes with space at the end. */
function imagesOf({ shape, frame }: PenalizedWeight) {
  if (frame) return { ...frame, order: shape.map((_, i) => i) };
  if (shape.length !== 5) return undefined;
  const [, height, width] = shape as [number, number, number];
  return { height, width, order: [0, 3, 4, 1, 2] };
}
