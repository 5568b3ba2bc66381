import { magnitude, tf } from "../../engine";
import type { Penalty } from "./regularizer";

/** The penalty `Σ |w|`. */
export const l1: Penalty = {
  kind: "penalty",
  replacesDecay: false,
  of: (weight) => tf.sum(magnitude(weight)),
};
