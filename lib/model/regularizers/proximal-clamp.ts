import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/** Clamps values to -lambda..lambda. */
export const proximalClamp: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.minimum(tf.maximum(weight, tf.neg(lambda)), lambda),
};
