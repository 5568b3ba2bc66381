import type { z } from "zod";
import { type Part, part } from "../../base/config";
import type { tf } from "../../engine";
import type { Optimized, OptimizerVariable } from "./optimizer";

/** A variable of an optimizer of one's own. */
export interface OwnVariable extends OptimizerVariable {
  /** The name of the parameter that it belongs to: the variable is left alone in a step that the parameter takes no part in. */
  readonly parameter?: string;
}

/** The inputs of a step of an optimizer of one's own, each by the name of the parameter. */
export interface OptimizerStep {
  /** Clipped gradients, the mean over accumulated batches and the sum over processes; 0 where they were not finite. */
  readonly grads: Readonly<Record<string, tf.Tensor>>;
  /** The learning rate of each parameter in this step: the schedule's, times `coreLrScale` for the core. */
  readonly lr: Readonly<Record<string, tf.Scalar>>;
  /** The factor of the weight decay of each parameter; 0 where there is none. */
  readonly weightDecay: Readonly<Record<string, number>>;
}

/**
 * An optimizer of one's own: an object that a function of the parameters returns.
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
   * Takes a step by assigning parameters and state. Traced: numbers that change from step to step must be variables. Parameters
   * that are absent from the step, and all of them where a gradient was not finite, get their old values back afterwards.
   */
  update(step: OptimizerStep): void;
  /** Frees the variables. Default: those of `state` are disposed. */
  dispose?(): void;
}

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
