import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/** Clamps values to at least lambda. */
export const proximalClampMin: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.maximum(weight, lambda),
};
