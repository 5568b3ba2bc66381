import { tf } from "../engine";

/** A movie, and the weights of its frames for each unit. */
export interface SpikeTriggeredInput {
  /** `[T, pixels]`, 0 to 255. */
  stim: Uint8Array | Float32Array;
  /** The number of pixels of a frame. */
  pixels: number;
  /** The bins that have weights. Each must have all its lagged frames. */
  frames: ArrayLike<number>;
  /** Spike counts or rates of those bins, `[frames, units]`; the weight is 0 where a bin does not count for a unit. */
  weights: ArrayLike<number>;
  /** The number of columns of `weights`. */
  units: number;
  /** The lags, in frames before the bin. */
  lags: readonly number[];
}

/** The number of frames in one chunk: about 25 MB of movie for frames of 51 × 51 pixels. */
const CHUNK = 2048;

/**
 * Computes spike-triggered averages of all units at once: the mean stimulus `lag` frames before a spike, in contrast
 * `(pixel - 127) / 255`, minus the mean stimulus of those bins. With rates in place of counts, these are the model's averages.
 *
 * @returns `[units, lags, pixels]`; NaN for a unit without spikes
 */
export function spikeTriggeredAverages({
  stim,
  pixels,
  frames,
  weights,
  units,
  lags,
}: SpikeTriggeredInput): Float32Array {
  const bins = frames.length;
  const totals = new Float64Array(units);
  for (let i = 0; i < bins * units; i++) totals[i % units]! += weights[i]!;
  const averages = new Float32Array(units * lags.length * pixels);
  lags.forEach((lag, l) => {
    const sums = new Float64Array((units + 1) * pixels);
    for (let from = 0; from < bins; from += CHUNK) {
      const count = Math.min(CHUNK, bins - from);
      const seen = new Float32Array(count * pixels);
      // The extra row of ones yields the mean stimulus.
      const rows = new Float32Array(count * (units + 1)).fill(1);
      for (let i = 0; i < count; i++) {
        const start = (frames[from + i]! - lag) * pixels;
        for (let p = 0; p < pixels; p++) seen[i * pixels + p] = (stim[start + p]! - 127) / 255;
        for (let u = 0; u < units; u++) rows[i * (units + 1) + u] = weights[(from + i) * units + u]!;
      }
      const product = tf.tidy(() =>
        tf.matMul(tf.tensor2d(rows, [count, units + 1]), tf.tensor2d(seen, [count, pixels]), true, false),
      );
      product.dataSync().forEach((value, i) => {
        sums[i]! += value;
      });
      product.dispose();
    }
    for (let u = 0; u < units; u++) {
      for (let p = 0; p < pixels; p++) {
        const background = sums[units * pixels + p]! / bins;
        averages[(u * lags.length + l) * pixels + p] = sums[u * pixels + p]! / totals[u]! - background;
      }
    }
  });
  return averages;
}

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
