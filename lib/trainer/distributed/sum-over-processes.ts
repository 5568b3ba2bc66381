import { tf } from "../../engine";
import { sumOfSquares } from "../optim/clip";
import type { ProcessGroup } from "./process-group";

interface ProcessShare {
  /** The gradients to sum, by the names of variables. */
  grads: tf.NamedTensorMap;
  loss: tf.Scalar;
  /** Numbers to report as sums over the processes. */
  totals: tf.Tensor1D;
  /** Numbers to report separately for each process. */
  measured: readonly tf.Tensor[];
  stopRequests: readonly tf.Tensor[];
  state: readonly tf.Variable[];
}

/**
 * Sums over the processes. State that the step assigned becomes the mean over all processes. The last gradients are
 * sent first, because the backward pass computes them first: sending overlaps with the rest of it.
 */
export function sumOverProcesses(
  group: ProcessGroup,
  { grads, loss, totals, measured, stopRequests, state }: ProcessShare,
) {
  const { rank, worldSize } = group;
  const names = Object.keys(grads).reverse();
  const rows = measured.map((own) =>
    tf.stack(Array.from({ length: worldSize }, (_, r) => (r === rank ? own : tf.zerosLike(own)))),
  );
  const own = [...names.map((name) => grads[name]!), loss, totals, ...stopRequests, ...state, ...rows];
  const sums = group.sumAll(own, "step");
  const rest = sums.slice(names.length);
  const after = 2 + stopRequests.length;
  state.forEach((variable, i) => {
    variable.assign(tf.div(rest[after + i]!, worldSize));
  });
  return {
    grads: Object.fromEntries(names.map((name, i) => [name, sums[i]!])),
    loss: rest[0] as tf.Scalar,
    totals: rest[1] as tf.Tensor1D,
    stopRequests: rest.slice(2, after),
    /** One row for each process. */
    measured: rest.slice(after + state.length),
  };
}

/**
 * Returns the norm of all gradients of all processes, when each process has gradients of its own beside those that all have. Traced.
 *
 * @param shared the names of the gradients that all processes have, with equal values
 */
export function normOverProcesses(
  group: ProcessGroup,
  grads: tf.NamedTensorMap,
  shared: ReadonlySet<string>,
): tf.Scalar {
  const names = Object.keys(grads);
  const squares = (chosen: readonly string[]) => sumOfSquares(chosen.map((name) => grads[name]!));
  const [ofOwn] = group.sumAll([squares(names.filter((name) => !shared.has(name)))], "norm");
  return tf.sqrt(tf.add(squares(names.filter((name) => shared.has(name))), ofOwn!)) as tf.Scalar;
}
