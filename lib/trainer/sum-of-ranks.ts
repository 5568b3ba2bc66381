import { tf } from "../engine";
import type { Ranks } from "./ranks";

interface OfRank {
  grads: tf.NamedTensorMap;
  loss: tf.Scalar;
  /** Numbers to report. */
  told: tf.Tensor1D;
  wishes: readonly tf.Tensor[];
  state: readonly tf.Variable[];
}

/**
 * Sums over the processes; state that the step assigned becomes the mean of all. The last gradients first: the backward pass
 * is done with them first, and they are on their way while it goes on.
 */
export function sumOfRanks(ranks: Ranks, { grads, loss, told, wishes, state }: OfRank) {
  const names = Object.keys(grads).reverse();
  const own = [...names.map((name) => grads[name]!), loss, told, ...wishes, ...state];
  const sums = ranks.sumAll(own, "step");
  const rest = sums.slice(names.length);
  state.forEach((variable, i) => {
    variable.assign(tf.div(rest[2 + wishes.length + i]!, ranks.worldSize));
  });
  return {
    grads: Object.fromEntries(names.map((name, i) => [name, sums[i]!])),
    loss: rest[0] as tf.Scalar,
    told: rest[1] as tf.Tensor1D,
    wishes: rest.slice(2, 2 + wishes.length),
  };
}
