import { tf } from "../../engine";
import type { Constraint, Optimized } from "./optimizer";
import type { UpdateRule } from "./rule";

/**
 * A parameter, or several laid end to end, as the optimizer updates them: the same few operations for all. There are
 * hundreds of small parameters (a readout has five for each session), and an operation on ten numbers takes as long as one
 * on ten thousand.
 */
export interface Slot {
  /** The rule of all members. */
  readonly rule: UpdateRule;
  /** The numbers of the parameters. */
  readonly members: readonly number[];
  readonly constraint: Constraint | undefined;
  /** Returns the members' tensors as one. */
  join(tensors: readonly tf.Tensor[]): tf.Tensor;
  /** Returns the number of each element of the slot from one number for each parameter, `[P]`. */
  pick(ofParameters: tf.Tensor1D): tf.Tensor;
  /** The inverse of `join`. */
  split(values: tf.Tensor): tf.Tensor[];
}

/** Joining parameters with more elements than this would only copy: an operation's own cost is small beside its work. */
const LARGE = 65_536;

/**
 * Lays parameters out in slots.
 *
 * @param rules the rule of each parameter
 * @param constraints by parameter name; a constrained parameter has a slot of its own
 */
export function slotsOf(
  parameters: readonly Optimized[],
  rules: readonly UpdateRule[],
  constraints: ReadonlyMap<string, Constraint> | undefined,
): Slot[] {
  const all = parameters.map((_, i) => i);
  const alone = (i: number) =>
    rules[i]!.whole || parameters[i]!.variable.size > LARGE || constraints?.has(parameters[i]!.name);
  const single = all.filter(alone).map((i) => ({
    rule: rules[i]!,
    constraint: constraints?.get(parameters[i]!.name),
    ...only(i),
  }));
  const joined = [...new Set(rules)].flatMap((rule) => {
    const members = all.filter((i) => rules[i] === rule && !alone(i));
    return members.length > 0 ? [{ rule, constraint: undefined, ...together(members, parameters) }] : [];
  });
  return [...single, ...joined];
}

type Layout = Omit<Slot, "rule" | "constraint">;

function only(i: number): Layout {
  return {
    members: [i],
    join: ([tensor]) => tensor!,
    pick: (ofParameters) => tf.reshape(tf.slice(ofParameters, i, 1), []),
    split: (values) => [values],
  };
}

function together(members: readonly number[], parameters: readonly Optimized[]): Layout {
  const shapes = members.map((i) => parameters[i]!.variable.shape);
  const sizes = members.map((i) => parameters[i]!.variable.size);
  const owner = Int32Array.from(members.flatMap((i, k) => Array<number>(sizes[k]!).fill(i)));
  return {
    members,
    join: (tensors) => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]))),
    pick: (ofParameters) => tf.gather(ofParameters, tf.tensor1d(owner, "int32")),
    split: (values) => tf.split(values, sizes).map((part, k) => tf.reshape(part, shapes[k]!)),
  };
}
