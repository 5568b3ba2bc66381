import { tf } from "../engine";

interface OutputActivation {
  apply(x: tf.Tensor2D): tf.Tensor2D;
  /** The input that gives a rate. */
  inverse(rate: number): number;
}

/**
 * Readout to rate. With `none` the model's output is the logarithm of the rate: the objective takes it as such, and the
 * readouts' biases start there.
 */
export const OUTPUT_ACTIVATIONS = {
  softplus: {
    apply: (x) => tf.softplus(x),
    // log(exp(r) - 1), written so that large rates do not overflow.
    inverse: (rate) => rate + Math.log(-Math.expm1(-rate)),
  },
  relu: { apply: (x) => tf.relu(x), inverse: (rate) => rate },
  none: { apply: (x) => x, inverse: (rate) => Math.log(rate) },
} as const satisfies Record<string, OutputActivation>;

export type OutputActivationName = keyof typeof OUTPUT_ACTIVATIONS;

/** Adds each unit's learned rate, made non-negative by relu or softplus. */
export function addBaseline(
  rates: tf.Tensor2D,
  baselines: readonly tf.Tensor[],
  activation: "relu" | "softplus",
): tf.Tensor2D {
  return tf.add(rates, OUTPUT_ACTIVATIONS[activation].apply(tf.concat([...baselines]) as tf.Tensor2D));
}
