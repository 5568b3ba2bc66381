import { tf } from "../engine";
import type { WeightSpec, Weights } from "../nn";
import { constant } from "../nn/initializers";
import { unitWeight } from "./weights";

/** The initial logit: one bin in ten is silent. */
const FIRST = Math.log(0.1 / 0.9);

/**
 * The logit of the probability that a bin of a unit is silent at any rate, which `zero_inflated_poisson` learns beside the model. A model's
 * rates remain mean counts, so predictions and metrics need no change.
 */
export const planZeroInflation = (units: number, session: number): WeightSpec =>
  unitWeight(session, units, constant(FIRST));

/** Returns the probability of each of the N units, `[N]`, in the order of sessions. Traced. */
export function silentShare(sessions: number, get: Weights): tf.Tensor1D {
  const logits = Array.from({ length: sessions }, (_, session) => get(String(session)));
  return tf.sigmoid(tf.concat(logits)) as tf.Tensor1D;
}
