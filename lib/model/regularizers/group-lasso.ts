import { tf } from "../../engine";
import type { Penalty } from "./regularizer";

/** Under the root: a weight that is all zeros has the gradient 0 there and not 0/0. */
const LEAST_SQUARE = 1e-30;

/** `√(Σ w²)` of each weight as a whole (Yuan & Lin 2006). */
export const groupLasso: Penalty = {
  kind: "penalty",
  replacesDecay: true,
  of: (weight) => tf.sqrt(tf.maximum(tf.sum(tf.square(weight)), LEAST_SQUARE)),
};
