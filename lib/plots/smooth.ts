/**
 * Exponential smoothing as TensorBoard has it: `s = weight s + (1 - weight) y`, divided by `1 - weight^n`, so that the start
 * is not pulled to 0. A NaN stays one and leaves the rest as it would be.
 *
 * @param weight of the past, 0 (none) to below 1
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
