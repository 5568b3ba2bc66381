import type { z } from "zod";
import { type Part, part } from "../../base/config";
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

/** A variable of a user-defined optimizer. */
export interface OwnVariable extends OptimizerVariable {
  /** The name of the parameter that the variable belongs to: it is unchanged in a step without that parameter. */
  readonly parameter?: string;
}

/** The inputs of a step of a user-defined optimizer, each by the name of the parameter. */
export interface OptimizerStep {
  /** The clipped gradients, averaged over accumulated batches and summed over processes; 0 if they were not finite. */
  readonly grads: Readonly<Record<string, tf.Tensor>>;
  /** The learning rate of each parameter in this step: the schedule's, times `coreLrScale` for the core. */
  readonly lr: Readonly<Record<string, tf.Scalar>>;
  /** The factor of the weight decay of each parameter; 0 for no decay. */
  readonly weightDecay: Readonly<Record<string, number>>;
}

/**
 * A user-defined optimizer: an object that a function of the parameters returns.
 *
 * @example
 * const signDescent: OptimizerFactory = (parameters) => ({
 *   update({ grads, lr }) {
 *     for (const { name, variable } of parameters)
 *       variable.assign(tf.sub(variable, tf.mul(lr[name]!, tf.sign(grads[name]!))));
 *   },
 * });
 * new Trainer({ optimizer: { type: signDescent, lr: 1e-3 } });
 */
export interface Optimizer {
  /** All variables that a resumed run needs. Default: none. */
  readonly state?: readonly OwnVariable[];
  /**
   * Takes a step by assigning parameters and state. Traced: numbers that change from step to step must be variables.
   * Afterwards, the old values are restored for parameters that are absent from the step, and for all parameters if a
   * gradient was not finite.
   */
  update(step: OptimizerStep): void;
  /** Frees the variables. Default: those of `state` are disposed. */
  dispose?(): void;
}

/** A function that makes a user-defined optimizer of parameters. */
export type OptimizerFactory = (parameters: readonly Optimized[]) => Optimizer;

/**
 * Makes an optimizer that configurations can name, as an export of a module: `optimizer: { type: "./my_optimizer.ts#mine" }`.
 *
 * @param options a schema for its options
 * @param make returns the optimizer from checked options and the parameters
 */
export function defineOptimizer<S extends z.ZodType>(
  options: S,
  make: (options: z.output<S>, parameters: readonly Optimized[]) => Optimizer,
): Part<"optimizer", [parameters: readonly Optimized[]], Optimizer> {
  return part("optimizer", options, make);
}

/**
 * Adds the features of the library's optimizers to a user-defined one: clipping, the guard against non-finite
 * gradients, learning rates and weight decay by group, constraints, and parameters that are absent from a step.
 */
export class WrappedOptimizer extends StepOptimizer {
  readonly state: readonly OwnVariable[];

  constructor(
    name: string,
    parameters: readonly Optimized[],
    private readonly optimizer: Optimizer,
    options: StepOptions,
  ) {
    super(name, parameters, options);
    this.state = optimizer.state ?? [];
  }

  updatePresent({
    grads,
    lr,
    constraints,
    present,
    globalNorm: ofAll,
  }: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport {
    return tf.tidy(() => {
      const { parameters, state, scales, decays } = this;
      const given = this.gradients(grads);
      const norm = ofAll ?? globalNorm(given);
      const { finite, clip } = clipping(norm, this.options);
      const rates = scales.map((scale) => tf.mul<tf.Scalar>(lr, scale));
      const byName = <T>(values: readonly T[]) =>
        Object.fromEntries(parameters.map(({ name }, i) => [name, values[i]!]));
      const before = parameters.map(({ variable }) => tf.clone(variable));
      const stateBefore = state.map(({ variable }) => tf.clone(variable));
      this.optimizer.update({
        grads: byName(given.map(clip)),
        lr: byName(rates),
        weightDecay: byName(decays),
      });
      const taken = parameters.map((_, i) =>
        tf.greater(tf.mul(tf.reshape(tf.slice(present, i, 1), []), finite), 0),
      );
      parameters.forEach(({ name, variable }, i) => {
        const old = before[i]!;
        const step = () => tf.mul(tf.onesLike(old), rates[i]!);
        const next = constraints?.get(name)?.(variable, step) ?? variable;
        variable.assign(tf.where(taken[i]!, next, old));
      });
      const owner = (parameter?: string) => parameters.findIndex(({ name }) => name === parameter);
      state.forEach(({ variable, parameter }, k) => {
        const kept = taken[owner(parameter)] ?? tf.greater(finite, 0);
        variable.assign(tf.where(kept, variable, stateBefore[k]!));
      });
      return { globalNorm: norm, finite };
    });
  }

  override dispose(): void {
    if (this.optimizer.dispose) this.optimizer.dispose();
    else super.dispose();
  }
}
