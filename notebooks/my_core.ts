// A core of your own: complex cells after the energy model (Adelson and Bergen 1985).
import { component, tf } from "gradbook";
import { below, problemAt, SAME_PLACE, uniformByFanIn, type VideoShape } from "gradbook/nn";
import { z } from "zod";

const options = z.strictObject({
  /** Cells, each of two filters. */
  cells: z.int().positive().default(12),
  /** Pixels of a filter's side; odd. */
  size: z.int().positive().default(9),
});

/**
 * Each cell squares and adds the responses of two filters over all frames: `sqrt(a² + b²)`, so that it sees a pattern wherever
 * in its receptive field it lies. `[B, T, H, W, C]` → `[B, 1, H, W, cells]`.
 */
export const MyCore = component(options, ({ cells, size }, at, input: VideoShape) => {
  const { time, height, width, channels } = input;
  if (size % 2 === 0) throw problemAt(below(at, "size"), `${size} has no middle pixel; use ${size + 1}`);
  const fanIn = size * size * time * channels;
  return {
    output: { time: 1, height, width, channels: cells },
    weights: [
      {
        name: "filters.weight",
        shape: [size, size, time * channels, 2 * cells],
        initial: uniformByFanIn(fanIn),
      },
    ],
    flops: 2 * fanIn * 2 * cells * height * width,
    geometry: SAME_PLACE,
    apply: (x: tf.Tensor5D, weights: (name: string) => tf.Variable) => {
      // Frames become channels: [B, H, W, T C].
      const movie = tf.reshape(tf.transpose(x, [0, 2, 3, 1, 4]), [-1, height, width, time * channels]);
      const filters = weights("filters.weight") as unknown as tf.Tensor4D;
      const [a, b] = tf.split(tf.conv2d(movie as tf.Tensor4D, filters, 1, "same"), 2, -1);
      const energy = tf.sqrt(tf.add(tf.add(tf.square(a!), tf.square(b!)), 1e-6));
      return tf.expandDims(energy, 1) as tf.Tensor5D;
    },
  };
});
