import { tf } from "../../engine";

/** The elements that an update rule moves. All tensors have the elements' shape or broadcast to it. */
export interface Elements {
  readonly value: tf.Tensor;
  /** 0 for a parameter that takes no step. */
  readonly gradient: tf.Tensor;
  /** The rule's variables, in the order of `UpdateRule.variables`. */
  readonly state: readonly tf.Tensor[];
  /** 1 where the step is taken, else 0. */
  readonly taken: tf.Tensor;
  /** The learning rate; 0 where the step is not taken. */
  readonly rate: tf.Tensor;
  /** The factor of the weight decay. */
  readonly decay: tf.Tensor;
  /** The results of `UpdateRule.corrections`. */
  readonly corrections: readonly tf.Tensor[];
}

/** The elements after a step. */
export interface Moved {
  readonly value: tf.Tensor;
  readonly state: readonly tf.Tensor[];
  /** The distance that each element moves for a gradient of 1. */
  step(): tf.Tensor;
}

/** How an optimizer moves parameters. */
export interface UpdateRule {
  /** Names of the variables of each element, as checkpoints have them. */
  readonly variables: readonly string[];
  /**
   * Whether `move` gets one parameter in its own shape. Default false: it moves each element on its own, and gets those of several
   * parameters laid end to end.
   */
  readonly whole?: boolean;
  /** Returns factors that depend on the number of steps of each parameter, `[P]` each. Default: there are none. */
  corrections?(count: tf.Tensor1D): readonly tf.Tensor1D[];
  /** Elements whose `taken` is 0 must keep value and state. */
  move(elements: Elements): Moved;
}

/** Returns `a` moved towards `b` by a share; with the share 0 exactly `a`. */
export function lerp(a: tf.Tensor, b: tf.Tensor, share: tf.Tensor | number): tf.Tensor {
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}

/** Returns the value after decoupled weight decay, `value (1 - rate decay)`. */
export function decayed({ value, rate, decay }: Pick<Elements, "value" | "rate" | "decay">): tf.Tensor {
  return tf.mul(value, tf.sub(1, tf.mul(rate, decay)));
}
