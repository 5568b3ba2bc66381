import { tf } from "../engine";
import type { UnitInput } from "./exciting-inputs";
import type { Observer } from "./observer";
import { type FoundInputs, type Goal, type InputOptions, optimiseInputs } from "./optimise";

/** An input with its name and the rate that it evokes. */
export type ShownInput = Pick<UnitInput, "unit" | "input" | "rate">;

/**
 * Returns inputs that were found together one by one, for a figure.
 *
 * @param name the name of the inputs, which are numbered @param unit the number of the unit whose rates are given. Default 0
 */
export function inputsOf(
  { inputs, rates }: FoundInputs,
  { units }: Observer,
  name: string,
  unit = 0,
): ShownInput[] {
  const count = rates.length / units.length;
  const size = inputs.length / count;
  return Array.from({ length: count }, (_, i) => ({
    unit: count === 1 ? name : `${name} ${i + 1}`,
    input: inputs.slice(i * size, (i + 1) * size),
    rate: rates[i * units.length + unit]!,
  }));
}

/** The rate of each input, weighted by unit. */
const weighted: Goal = (rates, weights) => tf.sum(tf.mul(rates, weights), 1) as tf.Tensor1D;

/** The options of `contrastiveInput`. */
export interface ContrastiveOptions extends InputOptions {
  /** Numbers of the units to leave silent, among those observed. Default: all other units. */
  others?: readonly number[];
  /** The rate of each unit that counts as 1, such as its rate for its most exciting input. Default: 1. */
  scales?: readonly number[];
}

/**
 * Finds an input that drives some units and not others: it increases the mean rate of `targets` minus that of `others`, each relative to
 * `scales`.
 *
 * @param targets numbers of units among those observed
 */
export async function contrastiveInput(
  observer: Observer,
  targets: readonly number[],
  { others, scales, ...options }: ContrastiveOptions = {},
): Promise<FoundInputs> {
  const all = observer.units.map((_, unit) => unit);
  const against = others ?? all.filter((unit) => !targets.includes(unit));
  const weights = all.map((unit) => {
    const scale = scales?.[unit] ?? 1;
    if (targets.includes(unit)) return 1 / (targets.length * scale);
    return against.includes(unit) ? -1 / (against.length * scale) : 0;
  });
  return optimiseInputs(observer, weighted, [weights], options);
}

/** The options of `diverseInputs`. */
export interface DiverseOptions extends InputOptions {
  /** The number of inputs. Default 8. */
  count?: number;
  /** The share of the most exciting input's rate that each input must evoke. Default 0.85. */
  share?: number;
}

/**
 * Finds inputs of one unit that all drive it strongly but differ from each other as much as possible (Cadena et al. 2018; Ding et al. 2023):
 * they show to which features the unit is invariant.
 *
 * @param rate the rate of the unit's most exciting input
 */
export async function diverseInputs(
  observer: Observer,
  unit: number,
  rate: number,
  { count = 8, share = 0.85, ...options }: DiverseOptions = {},
): Promise<FoundInputs> {
  const goal: Goal = (rates, chosen, inputs) => {
    const reached = tf.minimum(tf.div(tf.sum(tf.mul(rates, chosen), 1), share * rate), 1);
    const flat = tf.reshape(inputs, [count, -1]);
    const unitLength = tf.div(flat, tf.add(tf.norm(flat, 2, 1, true), 1e-6));
    const similarity = tf.matMul(unitLength, unitLength, false, true);
    const nearest = tf.max(tf.sub(similarity, tf.mul(tf.eye(count), 2)), 1);
    // A unit that is not driven enough weighs more than any difference between the inputs.
    return tf.sub(tf.mul(reached, DRIVEN), nearest) as tf.Tensor1D;
  };
  const chosen = observer.units.map((_, other) => Number(other === unit));
  return optimiseInputs(
    observer,
    goal,
    Array.from({ length: count }, () => chosen),
    options,
  );
}

/** The weight of the drive in the goal of diverse inputs. */
const DRIVEN = 10;

/**
 * Finds metamers: inputs that start as different noise and evoke the same rates in all units as a given one (Feather et al. 2023).
 *
 * @param rates the rates to evoke, `[units]` @param count the number of metamers. Default 4
 */
export async function metamers(
  observer: Observer,
  rates: ArrayLike<number>,
  { count = 4, ...options }: InputOptions & { count?: number } = {},
): Promise<FoundInputs> {
  const aim = Array.from(rates);
  const goal: Goal = (evoked, aims) => {
    const difference = tf.sub(tf.sqrt(tf.maximum(evoked, 0)), tf.sqrt(aims));
    return tf.neg(tf.sum(tf.square(difference), 1)) as tf.Tensor1D;
  };
  return optimiseInputs(
    observer,
    goal,
    Array.from({ length: count }, () => aim),
    options,
  );
}
