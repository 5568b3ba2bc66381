/**
 * Returns Pearson's correlation of two series.
 *
 * @returns -1 to 1; NaN when either is constant or both have fewer than two values
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new RangeError(`correlation: the series have ${a.length} and ${b.length} values`);
  const [ofA, ofB] = [variance(a), variance(b)];
  return ofA > 0 && ofB > 0 ? covariance(a, b) / Math.sqrt(ofA * ofB) : Number.NaN;
}

/** Returns the mean of the values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Returns the unbiased covariance (divided by n - 1). */
export function covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / (a.length - 1);
}

/** Returns the unbiased variance (divided by n - 1). */
export const variance = (values: ArrayLike<number>): number => covariance(values, values);

/** Returns the median of the values, ignoring NaN; NaN when no value remains. */
export function median(values: Iterable<number>): number {
  const known = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = known.length / 2;
  if (known.length === 0) return Number.NaN;
  return known.length % 2 === 1 ? known[Math.floor(middle)]! : (known[middle - 1]! + known[middle]!) / 2;
}
