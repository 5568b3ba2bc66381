import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/** To lambda at least. */
export const proximalClampMin: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.maximum(weight, lambda),
};
