import { tf } from "../../engine";
import type { DrawsLike } from "../../nn";
import type { TracedBatch, TrainingModule } from "../../protocols/module";
import { lossOf } from "./loss-of";

/**
 * Computes the gradients of a batch's training loss by each parameter, in their order, and puts back the module's state, such as
 * running statistics. Traced.
 *
 * @param draws random numbers, as in a training step
 * @param penalty is added to the loss. Default: none
 */
export function gradientsOf(
  module: TrainingModule,
  batch: TracedBatch,
  draws: DrawsLike,
  penalty?: () => tf.Scalar,
): tf.Tensor[] {
  const variables = module.parameters.map(({ variable }) => variable);
  const state = (module.state ?? []).map(({ variable }) => variable);
  const before = state.map((variable) => tf.clone(variable));
  const objective = (): tf.Scalar => {
    const { loss } = lossOf(module, batch, draws);
    return penalty ? tf.add(loss, penalty()) : loss;
  };
  const { grads } = tf.variableGrads(objective, variables);
  state.forEach((variable, i) => {
    variable.assign(before[i]!);
  });
  return variables.map(({ name }) => grads[name]!);
}
