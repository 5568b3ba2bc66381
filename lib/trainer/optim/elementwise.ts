import { tf } from "../../engine";
import { clipping, globalNorm } from "./clip";
import {
  type Optimized,
  type OptimizerInputs,
  type OptimizerReport,
  type OptimizerVariable,
  StepOptimizer,
  type StepOptions,
} from "./optimizer";
import { type Slot, slotsOf } from "./slots";

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

/** How an optimizer moves elements, each on its own: arithmetic that does not see which parameters they belong to. */
export interface UpdateRule {
  /** The name of the optimizer, shown in errors. */
  readonly name: string;
  /** Names of the variables of each element, as checkpoints have them. */
  readonly variables: readonly string[];
  /** Returns factors that depend on the number of steps of each parameter, `[P]` each. Default: there are none. */
  corrections?(count: tf.Tensor1D): readonly tf.Tensor1D[];
  /** Elements whose `taken` is 0 must keep value and state. */
  move(elements: Elements): Moved;
}

/** The settings of each parameter in a step, `[P]`. */
interface Settings {
  readonly take: tf.Tensor1D;
  readonly scales: tf.Tensor1D;
  readonly decays: tf.Tensor1D;
  readonly corrections: readonly tf.Tensor1D[];
  readonly lr: tf.Scalar;
}

/**
 * An optimizer that applies a rule to each element. Small parameters are updated together, laid end to end (`slots.ts`). Each parameter
 * has its own step count. Four groups: core or head, with weight decay or without.
 */
export class ElementwiseOptimizer extends StepOptimizer {
  /** The rule's variables, such as `exp_avg.*` and `exp_avg_sq.*` of Adam, and `step`, the step counts. */
  readonly state: readonly OptimizerVariable[];
  private readonly variables: tf.Variable[];
  /** The variables of each of the rule's names, in the order of the parameters. */
  private readonly ofRule: readonly (readonly tf.Variable[])[];
  /** Steps taken of each parameter, `[P]`. */
  private readonly steps: tf.Variable<tf.Rank.R1>;

  constructor(
    parameters: readonly Optimized[],
    private readonly rule: UpdateRule,
    options: StepOptions = {},
  ) {
    super(rule.name, parameters, options);
    const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.variables = parameters.map(({ variable }) => variable);
    this.ofRule = rule.variables.map(() => parameters.map(({ variable }) => zeros(variable.shape)));
    this.steps = zeros([parameters.length]) as tf.Variable<tf.Rank.R1>;
    this.state = [
      ...rule.variables.flatMap((kind, k) =>
        parameters.map(({ name }, i) => ({ name: `${kind}.${name}`, variable: this.ofRule[k]![i]! })),
      ),
      { name: "step", variable: this.steps },
    ];
  }

  updatePresent({
    grads,
    lr,
    constraints,
    present,
  }: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport {
    return tf.tidy(() => {
      const given = this.gradients(grads);
      const slots = slotsOf(this.parameters, constraints);
      const ofSlots = slots.map(({ members, join }) => join(members.map((i) => given[i]!)));
      const norm = globalNorm(ofSlots);
      const { finite, clip } = clipping(norm, this.options);
      const take = tf.mul<tf.Tensor1D>(present, finite);
      this.steps.assign(tf.add(this.steps, take));
      const settings = {
        take,
        lr,
        scales: tf.tensor1d(this.scales),
        decays: tf.tensor1d(this.decays),
        // A parameter without a step yet is not moved now either; its corrections only must not be 0.
        corrections: this.rule.corrections?.(tf.maximum(this.steps, 1)) ?? [],
      };
      slots.forEach((slot, s) => {
        this.move(slot, clip(ofSlots[s]!), settings);
      });
      return { globalNorm: norm, finite };
    });
  }

  /** Moves a slot's parameters and the rule's variables by a gradient. */
  private move(slot: Slot, gradient: tf.Tensor, settings: Settings): void {
    const { members, constraint } = slot;
    const { take, scales, decays, corrections, lr } = settings;
    const joined = (variables: readonly tf.Variable[]) => slot.join(members.map((i) => variables[i]!));
    const assign = (variables: readonly tf.Variable[], values: tf.Tensor) =>
      slot.split(values).forEach((value, k) => {
        variables[members[k]!]!.assign(value);
      });
    const taken = slot.pick(take);
    const before = joined(this.variables);
    const { value, state, step } = this.rule.move({
      value: before,
      gradient,
      state: this.ofRule.map(joined),
      taken,
      rate: tf.mul(tf.mul(taken, slot.pick(scales)), lr),
      decay: slot.pick(decays),
      corrections: corrections.map(slot.pick),
    });
    const held = () => tf.where(tf.greater(taken, 0), constraint!(value, step), before);
    assign(this.variables, constraint ? held() : value);
    this.ofRule.forEach((variables, k) => {
      assign(variables, state[k]!);
    });
  }
}

/** Returns `a` moved towards `b` by a share; with the share 0 exactly `a`. */
export function lerp(a: tf.Tensor, b: tf.Tensor, share: tf.Tensor): tf.Tensor {
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}

/** Returns the value after decoupled weight decay, `value (1 - rate decay)`. */
export function decayed({ value, rate, decay }: Pick<Elements, "value" | "rate" | "decay">): tf.Tensor {
  return tf.mul(value, tf.sub(1, tf.mul(rate, decay)));
}
