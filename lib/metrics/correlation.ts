/**
 * Pearson's correlation of two series.
 *
 * @returns -1 to 1; NaN when one of them is constant, or both are shorter than two
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new RangeError(`correlation: the series have ${a.length} and ${b.length} values`);
  const [ofA, ofB] = [variance(a), variance(b)];
  return ofA > 0 && ofB > 0 ? covariance(a, b) / Math.sqrt(ofA * ofB) : Number.NaN;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Unbiased (over n - 1). */
export function covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / (a.length - 1);
}

/** Unbiased (over n - 1). */
export const variance = (values: ArrayLike<number>): number => covariance(values, values);

/** The middle of the values that are numbers; NaN when there is none. */
export function median(values: Iterable<number>): number {
  const known = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = known.length / 2;
  if (known.length === 0) return Number.NaN;
  return known.length % 2 === 1 ? known[Math.floor(middle)]! : (known[middle - 1]! + known[middle]!) / 2;
}
