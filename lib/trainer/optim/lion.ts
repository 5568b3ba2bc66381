import { z } from "zod";
import { part } from "../../base/config";
import { tf } from "../../engine";
import { betasSchema } from "./adam";
import type { Optimized, StepOptions } from "./optimizer";
import { decayed, lerp, type UpdateRule } from "./rule";
import { RuleOptimizer } from "./rule-optimizer";

export interface LionSettings {
  /** The decay rates of the update and of the momentum, each at least 0 and below 1. Default [0.9, 0.99]. */
  betas?: readonly [number, number] | undefined;
}

export interface LionOptions extends StepOptions, LionSettings {}

/** `value (1 - lr weightDecay) - lr sign(beta1 m + (1 - beta1) g)`, then `m = beta2 m + (1 - beta2) g`. */
function rule({ betas: [beta1, beta2] = [0.9, 0.99] }: LionSettings): UpdateRule {
  return {
    variables: ["exp_avg"],
    move({ value, gradient, state: [m0], taken, rate, decay }) {
      const direction = tf.sign(tf.add(tf.mul(m0!, beta1), tf.mul(gradient, 1 - beta1)));
      return {
        value: tf.sub(decayed({ value, rate, decay }), tf.mul(rate, direction)),
        state: [lerp(m0!, gradient, tf.mul(taken, 1 - beta2))],
        step: () => tf.mul(rate, tf.onesLike(value)),
      };
    },
  };
}

/**
 * Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2): every element moves by the learning rate, so that
 * the rate should be 3 to 10 times lower than AdamW's and the weight decay as many times higher.
 */
export class Lion extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: LionOptions = {}) {
    super("Lion", parameters, rule(options), options);
  }
}

export const lion = part(
  "optimizer",
  z.strictObject({ betas: betasSchema(0.9, 0.99) }),
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new Lion(parameters, { ...options, ...own }),
);
