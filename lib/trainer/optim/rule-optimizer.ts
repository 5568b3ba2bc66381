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
import { Owners, type Slot, slotsOf, type UpdateRule } from "./rule";

/** The settings of each parameter in a step, `[P]`. */
interface Settings {
  readonly take: tf.Tensor1D;
  readonly scales: tf.Tensor1D;
  readonly decays: tf.Tensor1D;
  /** The corrections of each rule. */
  readonly corrections: ReadonlyMap<UpdateRule, readonly tf.Tensor1D[]>;
  readonly lr: tf.Scalar;
}

/**
 * An optimizer that updates each parameter by a rule. Small parameters of an elementwise rule are concatenated and
 * updated together (see `Slot`). Each parameter has its own step count. There are four groups: core or head, with
 * weight decay or without.
 */
export class RuleOptimizer extends StepOptimizer {
  /** The rules' variables, such as `exp_avg.*` and `exp_avg_sq.*` of Adam, and `step`, the step counts. */
  readonly state: readonly OptimizerVariable[];
  private readonly variables: tf.Variable[];
  /** The rule of each parameter. */
  private readonly rules: readonly UpdateRule[];
  /** The variables of each parameter's rule, by name. */
  private readonly ofRule: readonly Readonly<Record<string, tf.Variable>>[];
  /** The number of steps taken of each parameter, `[P]`. */
  private readonly steps: tf.Variable<tf.Rank.R1>;
  private readonly owners: Owners;

  /**
   * @param rule the rule of all parameters, or a function that returns the rule of each; parameters that share a rule
   * share one object
   */
  constructor(
    name: string,
    parameters: readonly Optimized[],
    rule: UpdateRule | ((parameter: Optimized) => UpdateRule),
    options: StepOptions = {},
  ) {
    super(name, parameters, options);
    const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.variables = parameters.map(({ variable }) => variable);
    this.rules = parameters.map(typeof rule === "function" ? rule : () => rule);
    this.ofRule = parameters.map(({ variable: { shape } }, i) =>
      Object.fromEntries(this.rules[i]!.variables.map((kind) => [kind, zeros(shape)])),
    );
    this.steps = zeros([parameters.length]) as tf.Variable<tf.Rank.R1>;
    this.owners = new Owners(parameters);
    const kinds = new Set(this.rules.flatMap((rule) => rule.variables));
    this.state = [
      ...[...kinds].flatMap((kind) =>
        parameters.flatMap((parameter, i) => {
          const variable = this.ofRule[i]![kind];
          return variable ? [{ name: `${kind}.${parameter.name}`, variable }] : [];
        }),
      ),
      { name: "step", variable: this.steps, perParameter: true },
    ];
  }

  updatePresent({
    grads,
    lr,
    constraints,
    present,
    globalNorm: ofAll,
  }: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport {
    return tf.tidy(() => {
      const given = this.gradients(grads);
      const slots = slotsOf(this.parameters, this.rules, this.owners, constraints);
      const ofSlots = slots.map(({ members, join }) => join(members.map((i) => given[i]!)));
      const norm = ofAll ?? globalNorm(ofSlots);
      const { finite, clip } = clipping(norm, this.options);
      const take = tf.mul<tf.Tensor1D>(present, finite);
      this.steps.assign(tf.add(this.steps, take));
      // A parameter without any step so far is not moved in this step either; its corrections only must not be 0.
      const counts = tf.maximum<tf.Tensor1D>(this.steps, 1);
      const settings = {
        take,
        lr,
        scales: tf.tensor1d(this.scales),
        decays: tf.tensor1d(this.decays),
        corrections: new Map(
          [...new Set(this.rules)].map((rule) => [rule, rule.corrections?.(counts) ?? []]),
        ),
      };
      slots.forEach((slot, s) => {
        this.move(slot, clip(ofSlots[s]!), settings);
      });
      return { globalNorm: norm, finite };
    });
  }

  override dispose(): void {
    super.dispose();
    this.owners.dispose();
  }

  /** Updates a slot's parameters and their rule's variables by a gradient. */
  private move(slot: Slot, gradient: tf.Tensor, settings: Settings): void {
    const { rule, members, constraint } = slot;
    const { take, scales, decays, corrections, lr } = settings;
    const joined = (variables: readonly tf.Variable[]) => slot.join(members.map((i) => variables[i]!));
    const assign = (variables: readonly tf.Variable[], values: tf.Tensor) =>
      slot.split(values).forEach((value, k) => {
        variables[members[k]!]!.assign(value);
      });
    const ofRule = rule.variables.map((kind) => this.ofRule.map((variables) => variables[kind]!));
    const taken = slot.pick(take);
    const before = joined(this.variables);
    const { value, state, step } = rule.move({
      value: before,
      gradient,
      state: ofRule.map(joined),
      taken,
      rate: tf.mul(tf.mul(taken, slot.pick(scales)), lr),
      decay: slot.pick(decays),
      corrections: corrections.get(rule)!.map(slot.pick),
    });
    const held = () => tf.where(tf.greater(taken, 0), constraint!(value, step), before);
    assign(this.variables, constraint ? held() : value);
    ofRule.forEach((variables, k) => {
      assign(variables, state[k]!);
    });
  }
}
