import { tf, valuesOf } from "../engine";
import { symmetricEigen } from "../engine/eigen";
import type { SpikeTriggeredInput } from "./triggered";

/** Spike-triggered maps in standard deviations of a map without a relation of stimulus and spikes, `[units, lags, pixels]`. */
export interface TriggeredZMaps {
  /** The spike-triggered average. */
  readonly sta: Float32Array;
  /** The spike-triggered energy: the mean square of each pixel. */
  readonly ste: Float32Array;
}

/** The number of frames in one chunk: about 25 MB of movie for frames of 51 × 51 pixels. */
const CHUNK = 2048;

/**
 * Computes z-maps of the spike-triggered average and energy of a stimulus that is whitened over space. With the covariance C of the pixels
 * (contrast `(pixel - 127) / 255`) over the given frames, the whitened frame is `x̃ = (C + ridge I)^(-1/2) (x - mean)`. With weights w,
 * `n = (Σ w)² / Σ w²` effective spikes and each pixel's mean energy `m` after whitening, the maps are
 *
 * - `sta = √n Σ w x̃ / Σ w`
 * - `ste = √(n / 2) (Σ w x̃² / (m Σ w) - 1)`
 *
 * Values are NaN for a unit without spikes. The decomposition of C takes time in proportion to the third power of the number of pixels.
 *
 * @param ridge the variance that is added to every direction, so that directions without power are not amplified. Default 0.01.
 */
export function whitenedZMaps(input: SpikeTriggeredInput, ridge = 0.01): TriggeredZMaps {
  const { pixels, weights, units, lags } = input;
  const size = units * lags.length * pixels;
  const maps = { sta: new Float32Array(size), ste: new Float32Array(size) };
  const [totals, squares] = [new Float64Array(units), new Float64Array(units)];
  for (let i = 0; i < input.frames.length * units; i++) {
    totals[i % units]! += weights[i]!;
    squares[i % units]! += weights[i]! ** 2;
  }
  const { mean, filter, energy } = whitener(input, ridge);
  triggeredSums(input, mean, filter).forEach((sums, l) => {
    for (let unit = 0; unit < units; unit++) {
      const [total, effective] = [totals[unit]!, totals[unit]! ** 2 / squares[unit]!];
      for (let p = 0; p < pixels; p++) {
        const [from, to] = [unit * pixels + p, (unit * lags.length + l) * pixels + p];
        maps.sta[to] = (Math.sqrt(effective) * sums.stim[from]!) / total;
        maps.ste[to] = Math.sqrt(effective / 2) * (sums.energy[from]! / (total * energy[p]!) - 1);
      }
    }
  });
  filter.dispose();
  return maps;
}

/** Returns the mean of the pixels, the whitening filter `[pixels, pixels]`, and the mean energy of each pixel after whitening. */
function whitener(input: SpikeTriggeredInput, ridge: number) {
  const { pixels, frames } = input;
  const mean = new Float64Array(pixels);
  forChunks(input, new Float64Array(pixels), (seen) => {
    seen.forEach((value, i) => {
      mean[i % pixels]! += value / frames.length;
    });
  });
  const covariance = new Float64Array(pixels * pixels);
  forChunks(input, mean, (seen, count) => {
    const product = valuesOf(() => {
      const x = tf.tensor2d(seen, [count, pixels]);
      return tf.matMul(x, x, true, false);
    });
    add(covariance, product, 1 / frames.length);
  });
  const [filter, energies] = tf.tidy(() => {
    const matrix = tf.tensor2d(Float32Array.from(covariance), [pixels, pixels]);
    const { values, vectors } = symmetricEigen(matrix);
    const variance = tf.relu(values);
    const scaled = tf.mul(vectors, tf.rsqrt(tf.add(variance, ridge)));
    const shares = tf.div(variance, tf.add(variance, ridge));
    return [
      tf.matMul<tf.Tensor2D>(scaled, vectors, false, true),
      tf.sum(tf.mul(tf.square(vectors), shares), 1),
    ] as [tf.Tensor2D, tf.Tensor];
  });
  const energy = energies.dataSync<"float32">();
  energies.dispose();
  return { mean, filter, energy };
}

/** The weighted sums of whitened frames and of their squares, `[units, pixels]`. */
interface TriggeredSums {
  readonly stim: Float64Array;
  readonly energy: Float64Array;
}

/** Returns the sums over the frames before each bin for each lag. Every frame of the movie is whitened once. */
function triggeredSums(input: SpikeTriggeredInput, mean: Float64Array, filter: tf.Tensor2D): TriggeredSums[] {
  const { pixels, units, lags, frames } = input;
  const sums = lags.map(() => ({
    stim: new Float64Array(units * pixels),
    energy: new Float64Array(units * pixels),
  }));
  const [first, last] = Array.from(frames).reduce(
    ([a, b], t) => [Math.min(a, t), Math.max(b, t)],
    [Number.POSITIVE_INFINITY, -1],
  );
  for (let from = first - Math.max(...lags); from <= last - Math.min(...lags); from += CHUNK) {
    const count = Math.min(CHUNK, last - Math.min(...lags) + 1 - from);
    const weights = lags.map((lag) => weightsOf(input, lag, from, count));
    if (!weights.some(Boolean)) continue;
    const seen = contrast(input, mean, (i) => from + i, count);
    tf.tidy(() => {
      const white = tf.matMul(tf.tensor2d(seen, [count, pixels]), filter);
      const square = tf.square(white);
      weights.forEach((rows, l) => {
        if (!rows) return;
        const spikes = tf.tensor2d(rows, [count, units]);
        add(sums[l]!.stim, tf.matMul(spikes, white, true, false).dataSync<"float32">());
        add(sums[l]!.energy, tf.matMul(spikes, square, true, false).dataSync<"float32">());
      });
    });
  }
  return sums;
}

/** Returns the weights of the bins `lag` frames after each of `count` frames, `[count, units]`; undefined if there is no bin. */
function weightsOf(
  { frames, weights, units }: SpikeTriggeredInput,
  lag: number,
  from: number,
  count: number,
): Float32Array | undefined {
  let rows: Float32Array | undefined;
  for (let bin = 0; bin < frames.length; bin++) {
    const at = frames[bin]! - lag - from;
    if (at < 0 || at >= count) continue;
    rows ??= new Float32Array(count * units);
    for (let unit = 0; unit < units; unit++) rows[at * units + unit]! += weights[bin * units + unit]!;
  }
  return rows;
}

/** Passes on the contrast of the bins' frames minus a mean in chunks, `[count, pixels]`. */
function forChunks(
  input: SpikeTriggeredInput,
  mean: Float64Array,
  take: (seen: Float32Array, count: number) => void,
): void {
  const { frames } = input;
  for (let from = 0; from < frames.length; from += CHUNK) {
    const count = Math.min(CHUNK, frames.length - from);
    take(
      contrast(input, mean, (i) => frames[from + i]!, count),
      count,
    );
  }
}

/** Returns the contrast of frames minus a mean, `[count, pixels]`. @param frame the frame in row i */
function contrast(
  { stim, pixels }: SpikeTriggeredInput,
  mean: Float64Array,
  frame: (i: number) => number,
  count: number,
): Float32Array {
  const seen = new Float32Array(count * pixels);
  for (let i = 0; i < count; i++) {
    const start = frame(i) * pixels;
    for (let p = 0; p < pixels; p++) seen[i * pixels + p] = (stim[start + p]! - 127) / 255 - mean[p]!;
  }
  return seen;
}

function add(sums: Float64Array, values: Float32Array, scale = 1): void {
  values.forEach((value, i) => {
    sums[i]! += scale * value;
  });
}
