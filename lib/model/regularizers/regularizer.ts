import type { tf } from "../../engine";

/**
 * Returns the change of each element in a step for a gradient of 1, in the weight's shape: the learning rate divided by the element's
 * scale.
 */
export type EffectiveStep = () => tf.Tensor;

/** Adds `lambda · of(weight)` to the loss for each weight. */
export interface Penalty {
  readonly kind: "penalty";
  /** Whether it replaces weight decay for the weight. */
  readonly replacesDecay: boolean;
  of(weight: tf.Tensor): tf.Scalar;
}

/** Maps each weight once after every optimizer step. */
export interface Proximal {
  readonly kind: "proximal";
  map(weight: tf.Tensor, lambda: tf.Scalar, step: EffectiveStep): tf.Tensor;
}

export type Regularizer = Penalty | Proximal;
