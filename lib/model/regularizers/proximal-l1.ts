import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/**
 * Towards 0 by lambda times the element's effective step, and no further (soft threshold): the proximal map of `lambda |w|`
 * in the optimizer's own metric.
 */
export const proximalL1: Proximal = {
  kind: "proximal",
  map: (weight, lambda, step) =>
    tf.mul(tf.sign(weight), tf.relu(tf.sub(tf.abs(weight), tf.mul(step(), lambda)))),
};
