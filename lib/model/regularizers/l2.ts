import { tf } from "../../engine";
import type { Penalty } from "./regularizer";

/** The penalty `Σ w²`. */
export const l2: Penalty = {
  kind: "penalty",
  replacesDecay: true,
  of: (weight) => tf.sum(tf.square(weight)),
};
