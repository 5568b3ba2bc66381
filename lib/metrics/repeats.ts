import { correlation, covariance, mean, variance } from "./correlation";

/** Scores of a unit, and of its prediction, from repeated presentations of one stimulus. NaN where a score is undefined. */
export interface RepeatScores {
  /** The share of the response's variance that the stimulus explains: signal power over total power (Sahani & Linden 2003). */
  explainable: number;
  /** The greatest correlation with the mean response that any prediction can have (Schoppe et al. 2016). */
  ccMax: number;
  /** Correlation of the prediction with the mean response. */
  ccAbs: number;
  /** `ccAbs / ccMax`: 1 for a prediction that captures the whole signal (Schoppe et al. 2016). */
  ccNorm: number;
  /** Fraction of the explainable variance that the prediction explains: 1 - (mse - noise) / (variance - noise) (Cadena et al. 2019). */
  explained: number;
  /** Correlation of each repeat with the mean of the others, averaged over repeats: how well responses predict another response. */
  oracle: number;
}

/**
 * Scores one unit on repeats.
 *
 * With N repeats r_n over the same bins, y their mean and variances over bins: signal power
 * `SP = (N Var(y) - mean Var(r_n)) / (N - 1)` and total power `TP = mean Var(r_n)` (Sahani & Linden 2003);
 * `ccMax = sqrt(SP / Var(y))` and `ccNorm = Cov(p, y) / sqrt(Var(p) SP)` (Schoppe, Harper, Willmore, King & Schnupp 2016,
 * equations 4 to 9). A unit whose SP is not positive has no signal to predict: NaN.
 *
 * @param repeats `[N][bins]`, two or more; several stimuli may be concatenated
 * @param prediction `[N][bins]` of each repeat, or one `[bins]` for all of them
 * @throws RangeError when there are fewer than two repeats, or lengths differ
 */
export function repeatScores(
  repeats: readonly ArrayLike<number>[],
  prediction: ArrayLike<number> | readonly ArrayLike<number>[],
): RepeatScores {
  const bins = repeats[0]?.length ?? 0;
  const predictions = isEach(prediction) ? prediction : [prediction];
  if (repeats.length < 2)
    throw new RangeError(`repeatScores: needs two repeats or more; got ${repeats.length}`);
  if ([...repeats, ...predictions].some((series) => series.length !== bins))
    throw new RangeError(`repeatScores: all repeats and predictions must have ${bins} bins`);
  const n = repeats.length;
  const y = meanOf(repeats);
  const p = meanOf(predictions);
  const total = mean(repeats.map(variance));
  const signal = (n * variance(y) - total) / (n - 1);
  const known = signal > 0;
  const ccMax = known ? Math.sqrt(signal / variance(y)) : Number.NaN;
  const ccNorm = known && variance(p) > 0 ? covariance(p, y) / Math.sqrt(variance(p) * signal) : Number.NaN;
  return {
    explainable: signal / total,
    ccMax,
    ccAbs: correlation(p, y),
    ccNorm,
    explained: explained(repeats, predictions),
    oracle: oracle(repeats, y),
  };
}

/** Computes the explained fraction as in Cadena et al. 2019: the noise is the variance over repeats, averaged over bins. */
function explained(repeats: readonly ArrayLike<number>[], predictions: readonly ArrayLike<number>[]): number {
  const n = repeats.length;
  const bins = repeats[0]!.length;
  const noise = mean(
    Array.from({ length: bins }, (_, bin) => variance(repeats.map((repeat) => repeat[bin]!))),
  );
  const all = new Float64Array(n * bins);
  let squares = 0;
  repeats.forEach((repeat, k) => {
    const predicted = predictions[k % predictions.length]!;
    for (let bin = 0; bin < bins; bin++) {
      all[k * bins + bin] = repeat[bin]!;
      squares += (repeat[bin]! - predicted[bin]!) ** 2;
    }
  });
  const signal = variance(all) - noise;
  return signal > 0 ? 1 - (squares / (n * bins) - noise) / signal : Number.NaN;
}

function oracle(repeats: readonly ArrayLike<number>[], y: Float64Array): number {
  const n = repeats.length;
  const scores = repeats.map((repeat) =>
    correlation(
      repeat,
      y.map((value, bin) => (n * value - repeat[bin]!) / (n - 1)),
    ),
  );
  const known = scores.filter((score) => !Number.isNaN(score));
  return known.length > 0 ? mean(known) : Number.NaN;
}

function meanOf(series: readonly ArrayLike<number>[]): Float64Array {
  const sums = new Float64Array(series[0]!.length);
  for (const one of series) for (let i = 0; i < sums.length; i++) sums[i]! += one[i]! / series.length;
  return sums;
}

const isEach = (p: ArrayLike<number> | readonly ArrayLike<number>[]): p is readonly ArrayLike<number>[] =>
  typeof p[0] !== "number";
