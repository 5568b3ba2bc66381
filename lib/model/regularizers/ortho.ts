import { tf } from "../../engine";
import type { Penalty } from "./regularizer";

const LEAST_NORM = 1e-12;

/** The penalty `|G - I|²`, where G holds the dot products of all pairs of filters after normalisation. Filters are on the last axis. */
export const ortho: Penalty = {
  kind: "penalty",
  replacesDecay: false,
  of: (weight) => {
    const filters = weight.shape.at(-1) ?? 1;
    const columns = tf.reshape(weight, [-1, filters]) as tf.Tensor2D;
    const norms = tf.sqrt(tf.maximum(tf.sum(tf.square(columns), 0), LEAST_NORM ** 2));
    const unit = tf.div<tf.Tensor2D>(columns, norms);
    return tf.sum(tf.square(tf.sub(tf.matMul(unit, unit, true), tf.eye(filters))));
  },
};
