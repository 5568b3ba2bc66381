import { tf } from "../engine";
import type { WeightSpec, Weights } from "../nn";
import { constant } from "../nn/initializers";

/** A bin in ten is silent at first. */
const FIRST = Math.log(0.1 / 0.9);

/** How likely each unit's bins are silent whatever the rate, as a logit; `zero_inflated_poisson` learns it. */
export const planZeroInflation = (units: number, session: number): WeightSpec => ({
  name: `zero_inflation.${session}`,
  shape: [units],
  initial: constant(FIRST),
});

/** The probability of each of the N units, `[N]`, sessions in order. Traced. */
export function silentShare(sessions: number, get: Weights): tf.Tensor1D {
  const logits = Array.from({ length: sessions }, (_, session) => get(`zero_inflation.${session}`));
  return tf.sigmoid(tf.concat(logits)) as tf.Tensor1D;
}
