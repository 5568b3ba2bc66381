import { tf } from "../../engine";
import type { Constraint, Optimized } from "./optimizer";

/**
 * A parameter, or several laid end to end, as the optimizer updates them: the same few operations for all. There are
 * hundreds of small parameters (a readout has five for each session), and an operation on ten numbers takes as long as one
 * on ten thousand.
 */
export interface Slot {
  readonly members: readonly number[];
  readonly constraint: Constraint | undefined;
  /** The members' tensors as one. */
  join(tensors: readonly tf.Tensor[]): tf.Tensor;
  /** Of one number for each parameter, `[P]`, what each element of the slot takes. */
  pick(ofParameters: tf.Tensor1D): tf.Tensor;
  /** The inverse of `join`. */
  split(values: tf.Tensor): tf.Tensor[];
}

/** Above so many elements an operation's own cost is nothing beside its work, and joining would only copy. */
const LARGE = 65_536;

/** @param constraints by parameter name; a constrained parameter has a slot of its own */
export function slotsOf(
  parameters: readonly Optimized[],
  constraints: ReadonlyMap<string, Constraint> | undefined,
): Slot[] {
  const all = parameters.map((_, i) => i);
  const alone = (i: number) =>
    parameters[i]!.variable.size > LARGE || constraints?.has(parameters[i]!.name) === true;
  const together = all.filter((i) => !alone(i));
  const slots = all.filter(alone).map((i) => single(i, constraints?.get(parameters[i]!.name)));
  return together.length > 0 ? [...slots, joined(together, parameters)] : slots;
}

function single(i: number, constraint: Constraint | undefined): Slot {
  return {
    members: [i],
    constraint,
    join: ([tensor]) => tensor!,
    pick: (ofParameters) => tf.reshape(tf.slice(ofParameters, i, 1), []),
    split: (values) => [values],
  };
}

function joined(members: readonly number[], parameters: readonly Optimized[]): Slot {
  const shapes = members.map((i) => parameters[i]!.variable.shape);
  const sizes = members.map((i) => parameters[i]!.variable.size);
  const owner = Int32Array.from(members.flatMap((i, k) => Array<number>(sizes[k]!).fill(i)));
  return {
    members,
    constraint: undefined,
    join: (tensors) => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]))),
    pick: (ofParameters) => tf.gather(ofParameters, tf.tensor1d(owner, "int32")),
    split: (values) => tf.split(values, sizes).map((part, k) => tf.reshape(part, shapes[k]!)),
  };
}
