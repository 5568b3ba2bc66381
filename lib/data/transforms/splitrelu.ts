import { z } from "zod";
import { strides } from "../covariate";
import { axisOf, transform } from "./transform";

const options = z.strictObject({
  /** The axis that becomes twice as long; negative ones count from the last. */
  split_dim: z.int().default(1),
  trainable_gain: z.literal(false, { error: "nothing is trained in a transform; use false" }).default(false),
});

/** Concatenates positive and negative parts: `[relu(x), relu(-x)]`. */
export const splitrelu = transform(options, ({ shape, values }, { split_dim }, context) => {
  const axis = axisOf(split_dim, shape.length, context);
  const { outer, length, inner } = strides(shape, axis);
  const block = length * inner;
  const split = new Float32Array(2 * values.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < block; i++) {
      const x = values[o * block + i]!;
      split[2 * o * block + i] = Math.max(x, 0);
      split[(2 * o + 1) * block + i] = Math.max(-x, 0);
    }
  }
  return { shape: shape.map((n, i) => (i === axis ? 2 * n : n)), values: split };
});
