import { tf } from "../../engine";
import type { Optimized, OptimizerVariable } from "../optim/optimizer";

interface Gradients {
  readonly grads: tf.NamedTensorMap;
  /** 1 for each parameter that takes part in the batch, `[P]`. */
  readonly present: tf.Tensor1D;
}

/**
 * The mean of the gradients of several batches for one step. It is stored in variables, so that a checkpoint between
 * the batches includes it.
 */
export class Accumulated {
  /** Empty when a step takes one batch. */
  readonly state: readonly OptimizerVariable[];

  constructor(
    private readonly parameters: readonly Optimized[],
    private readonly batches: number,
  ) {
    const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    const buffers = parameters.map(({ name, variable }) => ({ name, variable: zeros(variable.shape) }));
    this.state =
      batches === 1
        ? []
        : [...buffers, { name: "present", variable: zeros([parameters.length]), perParameter: true }];
    if (batches === 1) tf.dispose(buffers.map(({ variable }) => variable));
  }

  /**
   * Adds a batch. Traced.
   *
   * @param take whether the step is taken now, after which the sum is reset
   * @returns the means so far
   */
  add({ grads, present }: Gradients, take: boolean): Gradients {
    if (this.batches === 1) return { grads, present };
    const { parameters, state, batches } = this;
    const last = state.at(-1)!.variable;
    const sums = parameters.map(({ variable: { name } }, i) =>
      tf.add(state[i]!.variable, tf.div(grads[name]!, batches)),
    );
    const any = tf.maximum(last, present) as tf.Tensor1D;
    sums.forEach((sum, i) => {
      state[i]!.variable.assign(take ? tf.zerosLike(sum) : sum);
    });
    last.assign(take ? tf.zerosLike(any) : any);
    return {
      grads: Object.fromEntries(parameters.map(({ variable: { name } }, i) => [name, sums[i]!])),
      present: any,
    };
  }

  /** Resets the sum. */
  reset(): void {
    for (const { variable } of this.state) tf.tidy(() => variable.assign(tf.zerosLike(variable) as never));
  }

  dispose(): void {
    for (const { variable } of this.state) variable.dispose();
  }
}
