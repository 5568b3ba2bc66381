import type { Random } from "../../base/random";

/** The number of proposals before all weights are summed. */
const TRIES = 64;

/**
 * Draws a number with a probability proportional to its weight. It proposes a number and accepts it with the probability `weight / most`,
 * so that most draws need few random numbers and weights, and the weights may change between draws. If many proposals fail, it sums all
 * weights; the probabilities are the same.
 *
 * @param count the number of numbers 0, 1, ...
 * @param weight returns the weight of a number, from 0 to `most`
 * @throws RangeError when all weights are 0
 */
export function weightedDraw(
  random: Random,
  count: number,
  weight: (i: number) => number,
  most: number,
): number {
  for (let tries = 0; tries < TRIES; tries++) {
    const i = random.below(count);
    if (random.uniform(0, most) < weight(i)) return i;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weight(i);
  if (!(sum > 0)) throw new RangeError("weightedDraw: no number has a weight over 0");
  const at = random.uniform(0, sum);
  let [passed, last] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (weight(i) > 0) last = i;
    passed += weight(i);
    if (passed > at) return i;
  }
  // Rounding may make the sum slightly too small.
  return last;
}
