import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/** Clamps values to 0..lambda. */
export const proximalClampPositive: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.minimum(tf.maximum(weight, 0), lambda),
};
