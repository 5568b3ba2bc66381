import { tf } from "../../engine";
import type { Constraint, Optimized } from "./optimizer";

/** The elements that an update rule updates. All tensors have the shape of the elements or broadcast to it. */
export interface Elements {
  readonly value: tf.Tensor;
  /** 0 for a parameter that takes no step. */
  readonly gradient: tf.Tensor;
  /** The rule's variables, in the order of `UpdateRule.variables`. */
  readonly state: readonly tf.Tensor[];
  /** 1 if the step is taken, else 0. */
  readonly taken: tf.Tensor;
  /** The learning rate; 0 if the step is not taken. */
  readonly rate: tf.Tensor;
  /** The factor of the weight decay. */
  readonly decay: tf.Tensor;
  /** The results of `UpdateRule.corrections`. */
  readonly corrections: readonly tf.Tensor[];
}

/** The elements after a step. */
export interface Moved {
  readonly value: tf.Tensor;
  readonly state: readonly tf.Tensor[];
  /** The distance that each element moves for a gradient of 1. */
  step(): tf.Tensor;
}

/** A rule that updates parameters. */
export interface UpdateRule {
  /** The names of the variables of each element, as in checkpoints. */
  readonly variables: readonly string[];
  /**
   * Whether `move` gets one parameter in its own shape. Default false: it moves each element independently, and gets
   * the concatenated elements of several parameters.
   */
  readonly whole?: boolean;
  /** Returns factors that depend on the number of steps of each parameter, `[P]` each. Default: no factors. */
  corrections?(count: tf.Tensor1D): readonly tf.Tensor1D[];
  /** Returns the elements after a step. Elements whose `taken` is 0 must keep value and state. */
  move(elements: Elements): Moved;
}

/** Returns `a` moved towards `b` by a share; exactly `a` for the share 0. */
export function lerp(a: tf.Tensor, b: tf.Tensor, share: tf.Tensor | number): tf.Tensor {
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}

/** Returns the value after decoupled weight decay, `value (1 - rate decay)`. */
export function decayed({ value, rate, decay }: Pick<Elements, "value" | "rate" | "decay">): tf.Tensor {
  return tf.mul(value, tf.sub(1, tf.mul(rate, decay)));
}

/**
 * A slot: one parameter, or several concatenated ones, which the optimizer updates with the same few operations. There
 * are hundreds of small parameters (a readout has five for each session), and an operation on ten numbers takes as long
 * as one on ten thousand.
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

/**
 * The number of elements from which joining parameters does not pay off: the overhead of an operation is small compared
 * to its work.
 */
const LARGE = 65_536;

const isLarge = ({ variable }: Optimized) => variable.size > LARGE;

/**
 * The number of the parameter of each element of the small parameters. It is an input of compiled steps, because TensorFlow keeps several
 * copies of a constant for each graph.
 */
export class Owners {
  private readonly small: readonly number[];
  private readonly sizes: number[];
  private readonly numbers: tf.Tensor1D;

  constructor(parameters: readonly Optimized[]) {
    this.small = parameters.flatMap((parameter, i) => (isLarge(parameter) ? [] : [i]));
    this.sizes = this.small.map((i) => parameters[i]!.variable.size);
    const numbers = this.small.flatMap((i, k) => Array<number>(this.sizes[k]!).fill(i));
    this.numbers = tf.keep(tf.tensor1d(numbers, "int32"));
  }

  /** Returns the owner of each element of some small parameters in their order. Traced. */
  of(parameters: readonly number[]): tf.Tensor1D {
    const parts = tf.split(this.numbers, this.sizes);
    return tf.concat1d(parameters.map((i) => parts[this.small.indexOf(i)] as tf.Tensor1D));
  }

  dispose(): void {
    this.numbers.dispose();
  }
}

/**
 * Divides parameters into slots.
 *
 * @param rules the rule of each parameter
 * @param owners the owners of the elements of these parameters
 * @param constraints by parameter name; a constrained parameter gets its own slot
 */
export function slotsOf(
  parameters: readonly Optimized[],
  rules: readonly UpdateRule[],
  owners: Owners,
  constraints: ReadonlyMap<string, Constraint> | undefined,
): Slot[] {
  const all = parameters.map((_, i) => i);
  const alone = (i: number) =>
    rules[i]!.whole || isLarge(parameters[i]!) || constraints?.has(parameters[i]!.name);
  const single = all.filter(alone).map((i) => ({
    rule: rules[i]!,
    constraint: constraints?.get(parameters[i]!.name),
    ...only(i),
  }));
  const joined = [...new Set(rules)].flatMap((rule) => {
    const members = all.filter((i) => rules[i] === rule && !alone(i));
    if (members.length === 0) return [];
    return [{ rule, constraint: undefined, ...together(members, parameters, owners) }];
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

function together(members: readonly number[], parameters: readonly Optimized[], owners: Owners): Layout {
  const shapes = members.map((i) => parameters[i]!.variable.shape);
  const sizes = members.map((i) => parameters[i]!.variable.size);
  const owner = owners.of(members);
  return {
    members,
    join: (tensors) => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]))),
    pick: (ofParameters) => tf.gather(ofParameters, owner),
    split: (values) => tf.split(values, sizes).map((part, k) => tf.reshape(part, shapes[k]!)),
  };
}
