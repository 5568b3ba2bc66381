import { z } from "zod";
import { type OptionsOf, part } from "../../base/config";
import { tf } from "../../engine";
import { betasSchema } from "./adam";
import type { Optimized, StepOptions } from "./optimizer";
import { decayed, lerp, type UpdateRule } from "./rule";
import { RuleOptimizer } from "./rule-optimizer";

const sgdShape = {
  /** The share of the last step that the next one repeats, at least 0 and below 1. Default 0. */
  momentum: z.number().min(0).lt(1).default(0),
  /** Whether to look ahead by one step of momentum (Sutskever et al. 2013). Needs a momentum. Default false. */
  nesterov: z.boolean().default(false),
};

/**
 * The options of `SGD` that other optimizers do not have.
 *
 * @interface
 */
export type SGDSettings = OptionsOf<typeof sgdShape>;

/** The options of `SGD`. */
export interface SGDOptions extends StepOptions, SGDSettings {}

const schema = z.strictObject(sgdShape).refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
  path: ["nesterov"],
  error: "needs a momentum over 0, such as momentum: 0.9",
});

/**
 * PyTorch's rule: `b = momentum b + g`, and the value moves by `-lr b`, or by `-lr (g + momentum b)` with Nesterov
 * momentum.
 */
function sgdRule({ momentum = 0, nesterov = false }: SGDSettings): UpdateRule {
  return {
    variables: momentum > 0 ? ["momentum_buffer"] : [],
    move({ value, gradient: given, state: [before], taken, rate, decay }) {
      const gradient = tf.add(given, tf.mul(value, decay));
      const step = () => tf.mul(rate, tf.onesLike(value));
      if (!before) return { value: tf.sub(value, tf.mul(rate, gradient)), state: [], step };
      const buffer = tf.where(tf.greater(taken, 0), tf.add(tf.mul(before, momentum), gradient), before);
      const direction = nesterov ? tf.add(gradient, tf.mul(buffer, momentum)) : buffer;
      return { value: tf.sub(value, tf.mul(rate, direction)), state: [buffer], step };
    },
  };
}

/**
 * Stochastic gradient descent with momentum, as in PyTorch. Its weight decay is added to the gradient, `weightDecay
 * value`.
 */
export class SGD extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: SGDOptions = {}) {
    super("SGD", parameters, sgdRule(options), options);
  }
}

/** SGD as a part that configurations can name. */
export const sgd = part(
  "optimizer",
  schema,
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new SGD(parameters, { ...options, ...own }),
);

const lionShape = {
  /** The decay rates of the update and of the momentum, each at least 0 and below 1. Default [0.9, 0.99]. */
  betas: betasSchema(0.9, 0.99),
};

/**
 * The options of `Lion` that other optimizers do not have.
 *
 * @interface
 */
export type LionSettings = OptionsOf<typeof lionShape>;

/** The options of `Lion`. */
export interface LionOptions extends StepOptions, LionSettings {}

/** Lion's rule: `value (1 - lr weightDecay) - lr sign(beta1 m + (1 - beta1) g)`, then `m = beta2 m + (1 - beta2) g`. */
function lionRule({ betas: [beta1, beta2] = [0.9, 0.99] }: LionSettings): UpdateRule {
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
 * Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2): every element moves by the
 * learning rate. Therefore the rate should be 3 to 10 times lower than AdamW's, and the weight decay higher by the same
 * factor.
 */
export class Lion extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: LionOptions = {}) {
    super("Lion", parameters, lionRule(options), options);
  }
}

/** Lion as a part that configurations can name. */
export const lion = part(
  "optimizer",
  z.strictObject(lionShape),
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new Lion(parameters, { ...options, ...own }),
);
