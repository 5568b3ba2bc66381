import type { Random } from "../../base/random";

/** Tries before the weights are looked at one by one. */
const TRIES = 64;

/**
 * Draws a number with a chance in proportion to its weight. Most draws cost a few random numbers and read as few weights,
 * so that weights may change from draw to draw: a number is proposed, and kept with the chance `weight / most`. Where that
 * keeps failing, all weights are added up; the chances are the same.
 *
 * @param count of the numbers 0, 1, ...
 * @param weight of a number, from 0 to `most`
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
  // Rounding may leave the sum a little short.
  return last;
}
