import { tf } from "../../engine";
import { clipping, globalNorm } from "./clip";
import {
  type Optimized,
  type OptimizerInputs,
  type OptimizerReport,
  StepOptimizer,
  type StepOptions,
} from "./optimizer";
import type { Optimizer, OwnVariable } from "./own";

/**
 * Gives an optimizer of one's own what the library's have: clipping, the guard against gradients that are not finite, learning
 * rates and weight decay by group, constraints, and parameters that are absent from a step.
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
  }: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport {
    return tf.tidy(() => {
      const { parameters, state, scales, decays } = this;
      const given = this.gradients(grads);
      const norm = globalNorm(given);
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
