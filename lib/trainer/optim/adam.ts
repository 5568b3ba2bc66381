import { z } from "zod";
import { type OptionsOf, part } from "../../base/config";
import { tf } from "../../engine";
import type { Optimized, StepOptions } from "./optimizer";
import { decayed, type Elements, lerp, type Moved, type UpdateRule } from "./rule";
import { RuleOptimizer } from "./rule-optimizer";

/** Adam's decay rates, as an option. */
export const betasSchema = (first: number, second: number) =>
  z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)], {
      error: `must be two numbers of at least 0 and below 1, such as [${first}, ${second}]`,
    })
    .readonly()
    .default([first, second]);

/** The shape of the schema. */
export const adamShape = {
  /** The decay rates of the moments, each at least 0 and below 1. Default [0.9, 0.999]. */
  betas: betasSchema(0.9, 0.999),
  /** Added to the root of the second moment. Default 1e-8. */
  eps: z.number().positive().default(1e-8),
};

/**
 * The options of `Adam` and `AdamW` that other optimizers do not have.
 *
 * @interface
 */
export type AdamSettings = OptionsOf<typeof adamShape>;

/** The options of `Adam` and `AdamW`. */
export interface AdamOptions extends StepOptions, AdamSettings {}

/** The schema of Adam's options. */
const adamSchema = z.strictObject(adamShape);

/** Returns the move of Adam. @param decay how the weight decay acts: on the value, or on the gradient */
export function adamRule(
  { betas = [0.9, 0.999], eps = 1e-8 }: AdamSettings,
  decay: "decoupled" | "coupled",
): UpdateRule {
  const [beta1, beta2] = betas;
  // 1 - beta^k, exact for a beta near 1.
  const correction = (beta: number, count: tf.Tensor1D) =>
    tf.neg(tf.expm1(tf.mul(count, Math.log(beta)))) as tf.Tensor as tf.Tensor1D;
  return {
    variables: ["exp_avg", "exp_avg_sq"],
    corrections: (count) => [correction(beta1, count), tf.sqrt(correction(beta2, count))],
    move({
      value,
      gradient: given,
      state: [m0, v0],
      taken,
      rate,
      corrections,
      ...elements
    }: Elements): Moved {
      const [correction1, root2] = corrections as [tf.Tensor, tf.Tensor];
      const gradient = decay === "coupled" ? tf.add(given, tf.mul(value, elements.decay)) : given;
      const rate1 = tf.div(rate, correction1);
      const m = lerp(m0!, gradient, tf.mul(taken, 1 - beta1));
      const v = lerp(v0!, tf.square(gradient), tf.mul(taken, 1 - beta2));
      const root = tf.sqrt(v);
      const size = tf.add(tf.div(root, root2), eps);
      const kept = decay === "decoupled" ? decayed({ value, rate, decay: elements.decay }) : value;
      return {
        value: tf.sub(kept, tf.mul(rate1, tf.div(m, size))),
        state: [m, v],
        // `lr √(1 - beta2^k) / (1 - beta1^k) / (√v + eps)`
        step: () => tf.where(tf.greater(v, 0), tf.div(tf.mul(rate1, root2), tf.add(root, eps)), 0),
      };
    },
  };
}

/** Adam (Kingma & Ba 2015). Its weight decay is added to the gradient, `weightDecay value`, as in PyTorch. */
export class Adam extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: AdamOptions = {}) {
    super("Adam", parameters, adamRule(options, "coupled"), options);
  }
}

/** Adam as a part that configurations can name. */
export const adam = part(
  "optimizer",
  adamSchema,
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new Adam(parameters, { ...options, ...own }),
);

/** The options of `AdamW`. */
export type AdamWOptions = AdamOptions;

/** AdamW (Loshchilov & Hutter 2019): Adam with decoupled weight decay, `value (1 - lr weightDecay)`. */
export class AdamW extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: AdamOptions = {}) {
    super("AdamW", parameters, adamRule(options, "decoupled"), options);
  }
}

/** AdamW as a part that configurations can name. */
export const adamw = part(
  "optimizer",
  adamSchema,
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new AdamW(parameters, { ...options, ...own }),
);
