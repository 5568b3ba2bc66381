import { tf } from "../engine";
import type { WeightSpec, Weights } from "../nn";
import { constant } from "../nn/initializers";
import type { UnitColumns } from "./unit-columns";
import { unitWeight } from "./weights";

interface OutputActivation {
  apply(x: tf.Tensor2D): tf.Tensor2D;
  /** Whether rates may be below 0. */
  readonly isSigned?: boolean;
  /** Returns the input that yields a rate. */
  inverse(rate: number): number;
}

/**
 * The activations from readout to rate. With `none`, the model's output is the logarithm of the rate: the loss interprets it so, and the
 * readouts' biases start there. `identity` is for responses that may be negative, such as z-scores.
 */
export const OUTPUT_ACTIVATIONS = {
  softplus: {
    apply: (x) => tf.softplus(x),
    // log(exp(r) - 1), written so that large rates do not overflow.
    inverse: (rate) => rate + Math.log(-Math.expm1(-rate)),
  },
  relu: { apply: (x) => tf.relu(x), inverse: (rate) => rate },
  none: { apply: (x) => x, inverse: (rate) => Math.log(rate) },
  exp: { apply: (x) => tf.exp(x), inverse: (rate) => Math.log(rate) },
  elu1: {
    apply: (x) => tf.add(tf.elu(x), 1),
    inverse: (rate) => (rate < 1 ? Math.log(rate) : rate - 1),
  },
  identity: { apply: (x) => x, isSigned: true, inverse: (rate) => rate },
} as const satisfies Record<string, OutputActivation>;

/** The name of an output activation. */
export type OutputActivationName = keyof typeof OUTPUT_ACTIVATIONS;

/** Whether an output activation gives rates below 0. */
export const outputIsSigned = (name: OutputActivationName): boolean =>
  (OUTPUT_ACTIVATIONS[name] as OutputActivation).isSigned ?? false;

/** The keys of a model configuration that define how rates are computed from the readouts. */
interface OutputOptions {
  readonly output_activation: OutputActivationName;
  readonly baseline: {
    readonly enabled: boolean;
    readonly activation: "relu" | "softplus";
    readonly init_value: number;
  };
}

/** Plans the computation of rates from the readouts: the output activation, plus a learned rate of each unit, `{session}`. */
export function planOutput(
  { output_activation, baseline }: OutputOptions,
  units: readonly number[],
): {
  weights: readonly WeightSpec[];
  /** Maps `[B, L]` → `[B, L]` for the units of the columns. */
  apply(x_BL: tf.Tensor2D, columns: UnitColumns, weights: Weights): tf.Tensor2D;
} {
  const activate = OUTPUT_ACTIVATIONS[output_activation].apply;
  if (!baseline.enabled) return { weights: [], apply: activate };
  const initial = constant(baseline.init_value);
  const weights = units.map((n, session) => unitWeight(session, n, initial));
  // Ensures that the rate is not negative.
  const rateOf = OUTPUT_ACTIVATIONS[baseline.activation].apply;
  return {
    weights,
    apply: (x, columns, get) => {
      const learned = columns.values(weights.map(({ name }) => get(name))) as tf.Tensor2D;
      return tf.add(activate(x), rateOf(learned));
    },
  };
}
