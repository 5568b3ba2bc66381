import { tf } from "../../engine";
import type { Penalty } from "./regularizer";

/** Added under the square root, so that a weight of zeros has the gradient 0 and not 0/0. */
const LEAST_SQUARE = 1e-30;

/** The penalty `√(Σ w²)` of each weight as a whole (Yuan & Lin 2006). */
export const groupLasso: Penalty = {
  kind: "penalty",
  replacesDecay: true,
  of: (weight) => tf.sqrt(tf.maximum(tf.sum(tf.square(weight)), LEAST_SQUARE)),
};
