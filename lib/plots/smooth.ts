/**
 * Smooths values exponentially, as in TensorBoard: `s = weight s + (1 - weight) y`, divided by `1 - weight^n`, so that the start is not
 * biased towards 0. NaN stays NaN and does not affect other values.
 *
 * @param weight the weight of the past, from 0 (no smoothing) to below 1
 */
export function smooth(values: ArrayLike<number>, weight: number): number[] {
  let [sum, total] = [0, 0];
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return sum / total;
  });
}
