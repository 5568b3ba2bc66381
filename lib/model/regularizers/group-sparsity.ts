import { z } from "zod";
import { tf } from "../../engine";
import { LEAST_SQUARE, type Penalty } from "./regularizer";

/** The axes within a group, for a weight `[..., in, out]`: a group is what remains when they are summed. */
const GROUPS = {
  pairs: (rank: number) => range(rank - 2),
  inputs: (rank: number) => [...range(rank - 2), rank - 1],
  outputs: (rank: number) => range(rank - 1),
} as const;

const range = (length: number) => Array.from({ length }, (_, axis) => axis);

/** Options of the penalty `group_sparsity`. */
export const groupSparsityOptions = z.strictObject({
  /**
   * The values that vanish together: the kernel of each pair of an input and an output channel (`pairs`), all weights of an input channel
   * (`inputs`), or all weights of an output channel (`outputs`).
   */
  groups: z.enum(Object.keys(GROUPS) as [keyof typeof GROUPS]).default("pairs"),
});

/**
 * Makes the penalty `Σ √(Σ w²)`, the sum over groups of the norm of each, which removes whole groups (Yuan & Lin 2006). With `pairs` it is
 * the group sparsity of the hidden layers of the package neuralpredictors, summed. For feature weights of readouts, `[channels, units]`,
 * `inputs` removes a channel for all units of a session.
 */
export function groupSparsity({ groups }: z.output<typeof groupSparsityOptions>): Penalty {
  return {
    kind: "penalty",
    replacesDecay: false,
    problemOf: ({ shape }) =>
      shape.length < 2
        ? "has no input and output channels; group_sparsity applies to kernels and matrices"
        : undefined,
    of: (weight) => {
      const squares = tf.sum(tf.square(weight), GROUPS[groups](weight.rank));
      return tf.sum(tf.sqrt(tf.maximum(squares, LEAST_SQUARE)));
    },
  };
}
