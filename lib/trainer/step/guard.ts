import { tf } from "../../engine";
import type { TrainingModule } from "../../protocols/module";

/** Restores state, such as running statistics, that an unusable batch changed, or that is no longer finite. Traced. */
export function keepFinite(
  state: readonly tf.Variable[],
  before: readonly tf.Tensor[],
  usable: tf.Tensor,
): void {
  state.forEach((variable, i) => {
    const good = tf.logicalAnd(tf.all(tf.isFinite(variable)), tf.greater(usable, 0));
    variable.assign(tf.where(good, variable, before[i]!));
  });
}

/** Returns 0 instead of gradients that are not usable, so that the other batches of an accumulated step count. Traced. */
export function skipped(grads: tf.NamedTensorMap, usable: tf.Tensor): tf.NamedTensorMap {
  const used = (grad: tf.Tensor) => tf.where(tf.greater(usable, 0), grad, tf.zerosLike(grad));
  return Object.fromEntries(Object.entries(grads).map(([name, grad]) => [name, used(grad)]));
}

/** Returns the gradients with 0 for frozen parameters, which then do not count in the norm. Traced. */
export function masked(
  { parameters }: TrainingModule,
  grads: tf.NamedTensorMap,
  trained: readonly tf.Scalar[],
): tf.NamedTensorMap {
  if (trained.length === 0) return grads;
  const entries = parameters.map(({ variable: { name } }, i) => [name, tf.mul(grads[name]!, trained[i]!)]);
  return Object.fromEntries(entries);
}
