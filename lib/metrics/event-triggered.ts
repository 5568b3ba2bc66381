/** The mean of a signal around events, by time from the event. */
export interface EventTriggered {
  /** Bins from the event, `[before + after + 1]`: -before .. after. */
  lags: Int32Array;
  /** Mean and standard error over events; NaN where no event has a value. */
  mean: Float64Array;
  error: Float64Array;
  /** The number of events that have a value, by bin. */
  count: Int32Array;
}

/**
 * Computes the event-triggered average, such as a unit's rate around saccades.
 *
 * @param signal by bin; NaN where it is unknown; the average excludes that bin of that event
 * @param events the bins of the events
 * @param window the number of bins before and after an event
 */
export function eventTriggeredAverage(
  signal: ArrayLike<number>,
  events: ArrayLike<number>,
  { before, after }: { before: number; after: number },
): EventTriggered {
  const lags = Int32Array.from({ length: before + after + 1 }, (_, i) => i - before);
  const count = new Int32Array(lags.length);
  const [sum, squares] = [new Float64Array(lags.length), new Float64Array(lags.length)];
  for (let e = 0; e < events.length; e++) {
    lags.forEach((lag, i) => {
      const value = signal[events[e]! + lag];
      if (value === undefined || Number.isNaN(value)) return;
      count[i]!++;
      sum[i]! += value;
      squares[i]! += value * value;
    });
  }
  const mean = sum.map((value, i) => value / count[i]!);
  const error = mean.map((m, i) => {
    const n = count[i]!;
    return n > 1 ? Math.sqrt(Math.max(0, squares[i]! - n * m * m) / (n - 1) / n) : Number.NaN;
  });
  return { lags, mean, error, count };
}
