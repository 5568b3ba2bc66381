import { z } from "zod";
import { type OptionsOf, part } from "../../base/config";
import { tf } from "../../engine";
import { adamRule, adamShape } from "./adam";
import type { Optimized, StepOptions } from "./optimizer";
import { decayed, lerp, type UpdateRule } from "./rule";
import { RuleOptimizer } from "./rule-optimizer";

const ADJUST_LR_FNS = ["original", "match_rms_adamw"] as const;
type AdjustLrFn = (typeof ADJUST_LR_FNS)[number];

const muonShape = {
  ...adamShape,
  /** The decay rate of the average of gradients, at least 0 and below 1. Default 0.95. */
  momentum: z.number().min(0).lt(1).default(0.95),
  /** Whether to use Nesterov momentum. Default true. */
  nesterov: z.boolean().default(true),
  /**
   * The factor of a matrix's learning rate, PyTorch's `adjust_lr_fn`: `original` is √max(1, out / in); `match_rms_adamw` is
   * 0.2 √max(in, out), with which AdamW's learning rates fit. Default "original".
   */
  adjustLrFn: z.enum(ADJUST_LR_FNS).default("original"),
  /** AdamW's learning rate is `lr` times this; Keras's `adam_lr_ratio`. Default 1. */
  adamLrRatio: z.number().nonnegative().default(1),
};

/**
 * The options of `Muon` that other optimizers do not have; `betas` and `eps` are those of AdamW, which moves the parameters that Muon does
 * not.
 *
 * @interface
 */
export type MuonSettings = OptionsOf<typeof muonShape>;

/** The options of `Muon`. */
export interface MuonOptions extends StepOptions, MuonSettings {}

/** Coefficients of the polynomial `a x + b x³ + c x⁵` of singular values, whose slope at 0 is steep (Jordan 2024). */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const ITERATIONS = 5;
const LEAST_NORM = 1e-7;

/**
 * Orthogonalizes a matrix by Newton-Schulz iterations: from `U S Vᵀ` to about `U Vᵀ`, with singular values between 0.7
 * and 1.2 instead of exactly 1. A matrix of zeros stays unchanged. Traced.
 */
function orthogonalized(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const tall = rows > columns;
  let x = tf.div(matrix, tf.maximum(tf.norm(matrix), LEAST_NORM)) as tf.Tensor2D;
  if (tall) x = tf.transpose(x);
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = tf.matMul(x, x, false, true);
    const update = tf.add(tf.mul(gram, B), tf.mul(tf.matMul(gram, gram), C)) as tf.Tensor2D;
    x = tf.add(tf.mul(x, A), tf.matMul(update, x)) as tf.Tensor2D;
  }
  return tall ? tf.transpose(x) : x;
}

/** Returns the factor of the learning rate of a matrix with `fanIn` rows and `fanOut` columns. */
function adjustment(adjustLrFn: AdjustLrFn, fanIn: number, fanOut: number): number {
  return adjustLrFn === "original"
    ? Math.sqrt(Math.max(1, fanOut / fanIn))
    : 0.2 * Math.sqrt(Math.max(fanIn, fanOut));
}

/**
 * Returns the move of a weight of rank 2 or more, whose last dimension is the outputs: a kernel `[t, h, w, in, out]` is the matrix
 * `[t h w in, out]`. `m` moves to `momentum m + (1 - momentum) g`, and the value by `-lr factor orthogonalized(m)`.
 */
function matrixRule({ momentum = 0.95, nesterov = true, adjustLrFn = "original" }: MuonSettings): UpdateRule {
  return {
    variables: ["momentum_buffer"],
    whole: true,
    move({ value, gradient, state: [m0], taken, rate, decay }) {
      const fanOut = value.shape.at(-1)!;
      const fanIn = value.size / fanOut;
      const scaled = tf.mul(rate, adjustment(adjustLrFn, fanIn, fanOut));
      const m = lerp(m0!, gradient, tf.mul(taken, 1 - momentum));
      const direction = nesterov ? lerp(gradient, m, momentum) : m;
      const matrix = tf.reshape(direction, [fanIn, fanOut]) as tf.Tensor2D;
      const change = tf.reshape(orthogonalized(matrix), value.shape);
      return {
        value: tf.sub(decayed({ value, rate, decay }), tf.mul(scaled, change)),
        state: [m],
        // The size of the step does not depend on the gradient's size: it is the root mean square of an orthogonal
        // matrix's elements.
        step: () => tf.mul(tf.onesLike(value), tf.div(scaled, Math.sqrt(Math.max(fanIn, fanOut)))),
      };
    },
  };
}

/** Returns a rule with a scaled learning rate. */
function atRate(rule: UpdateRule, ratio: number): UpdateRule {
  return { ...rule, move: (elements) => rule.move({ ...elements, rate: tf.mul(elements.rate, ratio) }) };
}

/**
 * Muon (Jordan 2024, https://kellerjordan.github.io/posts/muon/), as `torch.optim.Muon`: updates weights by
 * orthogonalized momentum. It updates the weights of rank 2 or more that weight decay acts on (kernels and dense
 * weights); AdamW updates the others. Both use decoupled weight decay, `value (1 - lr weightDecay)`.
 */
export class Muon extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: MuonOptions = {}) {
    const matrices = matrixRule(options);
    const rest = atRate(adamRule(options, "decoupled"), options.adamLrRatio ?? 1);
    const ruleOf = ({ variable, decay }: Optimized) => (decay && variable.rank > 1 ? matrices : rest);
    super("Muon", parameters, ruleOf, options);
  }
}

/** Muon as a part that configurations can name. */
export const muon = part(
  "optimizer",
  z.strictObject(muonShape),
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new Muon(parameters, { ...options, ...own }),
);
