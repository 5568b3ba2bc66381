import { mulNoNan, tf } from "../engine";
import { clipScale, globalNorm } from "./clip";
import { type Slot, slotsOf } from "./slots";

/** A map applied to a parameter after the step; `step` as in `AdamWStep.constraints`. */
export type Constraint = (value: tf.Tensor, step: () => tf.Tensor) => tf.Tensor;

/** What the optimizer has to know of a parameter. */
export interface Optimized {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly group: "core" | "head";
  readonly decay: boolean;
  readonly dataset?: number;
}

export interface AdamWOptions {
  /** Default 1e-5. */
  weightDecay?: number;
  /** The core's learning rate over the head's. Default 1. */
  coreLrScale?: number;
  /** The largest global norm of the gradients, or null for no limit. Default null. */
  gradientClipVal?: number | null;
  /** Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Default 1e-8. */
  eps?: number;
}

export interface AdamWStep {
  /** Of each parameter by its variable's name, as `tf.variableGrads` gives them. */
  readonly grads: tf.NamedTensorMap;
  /** The head's learning rate in this step. */
  readonly lr: tf.Scalar;
  /**
   * By parameter: the value it takes instead of the one that the step gave it (a proximal map), applied once. `step` is what
   * each element moves by for a gradient of 1, `lr √(1 - beta2^k) / (1 - beta1^k) / (√v + eps)`; 0 for an element that has
   * never had a gradient, whose step would be without bound.
   */
  readonly constraints?: ReadonlyMap<string, Constraint>;
}

/** What a step reports. */
export interface AdamWReport extends tf.TensorContainerObject {
  /** Norm of all gradients together, before clipping. */
  globalNorm: tf.Scalar;
  /** 1 when the step was taken; 0 when a gradient was not finite, and nothing was changed. */
  finite: tf.Scalar;
}

/** What a step takes of each parameter, `[P]`. */
interface OfEach {
  /** 1 where the parameter takes the step, else 0. */
  readonly take: tf.Tensor1D;
  /** Of the core's learning rate over the head's `lr`. */
  readonly scales: tf.Tensor1D;
  readonly decays: tf.Tensor1D;
  /** `1 - beta1^k` after k steps. */
  readonly correction: tf.Tensor1D;
  /** `√(1 - beta2^k)` */
  readonly rootCorrection: tf.Tensor1D;
  readonly lr: tf.Scalar;
}

/**
 * AdamW (Loshchilov & Hutter 2019) as part of a compiled step: moments and step counts are variables, which the step
 * replaces. Four groups: core or head, with weight decay or without.
 *
 * A parameter that is absent from a step (its session is not in the batch) is left alone: no decay, no change of its
 * moments, and its own step count for the bias correction. A step with gradients that are not finite changes nothing.
 */
export class AdamW {
  /** Moments and step counts under the names that checkpoints keep: `exp_avg.*`, `exp_avg_sq.*`, `step`. */
  readonly state: readonly { readonly name: string; readonly variable: tf.Variable }[];
  private readonly options: Required<AdamWOptions>;
  private readonly variables: tf.Variable[];
  private readonly first: tf.Variable[];
  private readonly second: tf.Variable[];
  /** Steps taken of each parameter, `[P]`. */
  private readonly steps: tf.Variable<tf.Rank.R1>;

  constructor(
    readonly parameters: readonly Optimized[],
    options: AdamWOptions = {},
  ) {
    this.options = {
      weightDecay: 1e-5,
      coreLrScale: 1,
      gradientClipVal: null,
      betas: [0.9, 0.999],
      eps: 1e-8,
      ...options,
    };
    const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.variables = parameters.map(({ variable }) => variable);
    this.first = parameters.map(({ variable }) => zeros(variable.shape));
    this.second = parameters.map(({ variable }) => zeros(variable.shape));
    this.steps = zeros([parameters.length]) as tf.Variable<tf.Rank.R1>;
    this.state = [
      ...parameters.map(({ name }, i) => ({ name: `exp_avg.${name}`, variable: this.first[i]! })),
      ...parameters.map(({ name }, i) => ({ name: `exp_avg_sq.${name}`, variable: this.second[i]! })),
      { name: "step", variable: this.steps },
    ];
  }

  /**
   * Takes a step. Traced.
   *
   * @param present 1 for each session that is in the batch, else 0, `[D]`
   */
  update({ present, ...step }: AdamWStep & { present: tf.Tensor1D }): AdamWReport {
    return tf.tidy(() => this.updatePresent({ ...step, present: this.presenceOf(present) }));
  }

  /** The presence of each of the P parameters, `[P]`, from that of each session, `[D]`. Traced. */
  presenceOf(present: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() => {
      const ofParameter = this.parameters.map(({ dataset }) => (dataset === undefined ? 0 : dataset + 1));
      return tf.gather(tf.concat([tf.tensor1d([1]), present]), tf.tensor1d(ofParameter, "int32"));
    });
  }

  /** As `update`, with the presence of each of the P parameters, `[P]`. Traced. */
  updatePresent({ grads, lr, constraints, present }: AdamWStep & { present: tf.Tensor1D }): AdamWReport {
    return tf.tidy(() => {
      const { parameters, options } = this;
      const given = parameters.map(({ name, variable }) => {
        const grad = grads[variable.name];
        if (!grad)
          throw new Error(`AdamW: no gradient for ${name}; was it left out of the loss or of variableGrads?`);
        return grad;
      });
      const slots = slotsOf(parameters, constraints);
      const ofSlots = slots.map(({ members, join }) => join(members.map((i) => given[i]!)));
      const norm = globalNorm(ofSlots);
      const finite = tf.cast(tf.isFinite(norm), "float32") as tf.Scalar;
      const scale = tf.where(tf.greater(finite, 0), clipScale(norm, options.gradientClipVal), 0);

      const take = tf.mul<tf.Tensor1D>(present, finite);
      this.steps.assign(tf.add(this.steps, take));
      const each = { ...this.ofEach(), take, lr };
      // A gradient that is not finite is 0 here, and nothing is taken of it.
      slots.forEach((slot, s) => {
        this.move(slot, mulNoNan(ofSlots[s]!, scale), each);
      });
      return { globalNorm: norm, finite };
    });
  }

  /** What the parameters' own settings and step counts make of a step. */
  private ofEach(): Omit<OfEach, "take" | "lr"> {
    const { parameters, options, steps } = this;
    // A parameter without a step yet is not stepped now either; its correction only has to be no 0.
    const count = tf.maximum(steps, 1);
    const correction = (beta: number) =>
      tf.neg(tf.expm1(tf.mul(count, Math.log(beta)))) as tf.Tensor as tf.Tensor1D;
    const [beta1, beta2] = options.betas;
    return {
      correction: correction(beta1),
      rootCorrection: tf.sqrt(correction(beta2)),
      scales: tf.tensor1d(parameters.map(({ group }) => (group === "core" ? options.coreLrScale : 1))),
      decays: tf.tensor1d(parameters.map((p) => (p.decay ? options.weightDecay : 0))),
    };
  }

  /** Moves a slot's parameters and their moments by a gradient. */
  private move(slot: Slot, gradient: tf.Tensor, each: OfEach): void {
    const { members, constraint } = slot;
    const [beta1, beta2] = this.options.betas;
    const { eps } = this.options;
    const joined = (variables: readonly tf.Variable[]) => slot.join(members.map((i) => variables[i]!));
    const assign = (variables: readonly tf.Variable[], values: tf.Tensor) =>
      slot.split(values).forEach((value, k) => {
        variables[members[k]!]!.assign(value);
      });
    const taken = slot.pick(each.take);
    const rate = tf.mul(tf.mul(taken, slot.pick(each.scales)), each.lr);
    const rate1 = tf.div(rate, slot.pick(each.correction));
    const root2 = slot.pick(each.rootCorrection);
    const m = lerp(joined(this.first), gradient, tf.mul(taken, 1 - beta1));
    const v = lerp(joined(this.second), tf.square(gradient), tf.mul(taken, 1 - beta2));
    const root = tf.sqrt(v);
    const size = tf.add(tf.div(root, root2), eps);
    const before = joined(this.variables);
    const kept = tf.mul(before, tf.sub(1, tf.mul(rate, slot.pick(each.decays))));
    const next = tf.sub(kept, tf.mul(rate1, tf.div(m, size)));
    const step = () => tf.where(tf.greater(v, 0), tf.div(tf.mul(rate1, root2), tf.add(root, eps)), 0);
    assign(
      this.variables,
      constraint ? tf.where(tf.greater(taken, 0), constraint(next, step), before) : next,
    );
    assign(this.first, m);
    assign(this.second, v);
  }

  dispose(): void {
    for (const { variable } of this.state) variable.dispose();
  }
}

/** From `a` to `b` by `share`; with the share 0 exactly `a`. */
function lerp(a: tf.Tensor, b: tf.Tensor, share: tf.Tensor): tf.Tensor {
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}
