import { tf } from "../../engine";
import type { Proximal } from "./regularizer";

/**
 * Moves each element towards 0 by lambda times its effective step, but not beyond 0 (soft threshold). This is the proximal map of `lambda
 * |w|` in the optimizer's own metric.
 */
export const proximalL1: Proximal = {
  kind: "proximal",
  map: (weight, lambda, step) =>
    tf.mul(tf.sign(weight), tf.relu(tf.sub(tf.abs(weight), tf.mul(step(), lambda)))),
};
