import type { tf } from "../../engine";

/** What a step moves an element by for a gradient of 1, of the weight's shape: the learning rate over its scale. */
export type EffectiveStep = () => tf.Tensor;

/** Adds `lambda · of(weight)` to the loss for each weight. */
export interface Penalty {
  readonly kind: "penalty";
  /** Whether it takes the place of weight decay, which then leaves the weight alone. */
  readonly replacesDecay: boolean;
  of(weight: tf.Tensor): tf.Scalar;
}

/** Maps each weight once after every optimizer step. */
export interface Proximal {
  readonly kind: "proximal";
  map(weight: tf.Tensor, lambda: tf.Scalar, step: EffectiveStep): tf.Tensor;
}

export type Regularizer = Penalty | Proximal;
