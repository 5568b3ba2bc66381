import { tf } from "../../engine";
import { magnitude } from "../../engine/gradients/elementwise";

/**
 * Returns the change of each element in a step for a gradient of 1, in the weight's shape: the learning rate divided by the element's
 * scale.
 */
export type EffectiveStep = () => tf.Tensor;

/** The size of the frames of a weight whose last axis holds pixels. */
export interface WeightFrame {
  readonly height: number;
  readonly width: number;
}

/** The facts about a weight that a penalty may depend on. */
export interface PenalizedWeight {
  readonly shape: readonly number[];
  /** The frame of a weight `[..., height * width]`; undefined for other weights. */
  readonly frame?: WeightFrame | undefined;
}

/** Adds `lambda · of(weight)` to the loss for each weight. */
export interface Penalty {
  readonly kind: "penalty";
  /** Whether it replaces weight decay for the weight. */
  readonly replacesDecay: boolean;
  /** Computes the penalty of a weight. Traced. */
  of(weight: tf.Tensor, frame?: WeightFrame): tf.Scalar;
  /** Returns the reason why the penalty does not apply to a weight, as the end of a sentence about it. Default: it applies to all. */
  problemOf?(weight: PenalizedWeight): string | undefined;
}

/** Maps each weight once after every optimizer step. */
export interface Proximal {
  readonly kind: "proximal";
  /** Returns the new value of a weight. Traced. */
  map(weight: tf.Tensor, lambda: tf.Scalar, step: EffectiveStep): tf.Tensor;
}

/** A penalty, or a proximal map. */
export type Regularizer = Penalty | Proximal;

/** Added under the square root, so that a weight of zeros has the gradient 0 and not 0/0. */
export const LEAST_SQUARE = 1e-30;

/** The penalty `√(Σ w²)` of each weight as a whole (Yuan & Lin 2006). */
export const groupLasso: Penalty = {
  kind: "penalty",
  replacesDecay: true,
  of: (weight) => tf.sqrt(tf.maximum(tf.sum(tf.square(weight)), LEAST_SQUARE)),
};

/** The penalty `Σ |w|`. */
export const l1: Penalty = {
  kind: "penalty",
  replacesDecay: false,
  of: (weight) => tf.sum(magnitude(weight)),
};

/** The penalty `Σ w²`. */
export const l2: Penalty = {
  kind: "penalty",
  replacesDecay: true,
  of: (weight) => tf.sum(tf.square(weight)),
};

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

/** Clamps values to at least lambda. */
export const proximalClampMin: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.maximum(weight, lambda),
};

/** Clamps values to 0..lambda. */
export const proximalClampPositive: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.minimum(tf.maximum(weight, 0), lambda),
};

/** Clamps values to -lambda..lambda. */
export const proximalClamp: Proximal = {
  kind: "proximal",
  map: (weight, lambda) => tf.minimum(tf.maximum(weight, tf.neg(lambda)), lambda),
};

/**
 * Moves each element towards 0 by lambda times its effective step, but not beyond 0 (soft threshold). This is the proximal map of `lambda
 * |w|` in the optimizer's own metric.
 */
export const proximalL1: Proximal = {
  kind: "proximal",
  map: (weight, lambda, step) =>
    tf.mul(tf.sign(weight), tf.relu(tf.sub(tf.abs(weight), tf.mul(step(), lambda)))),
};
