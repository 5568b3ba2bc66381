import { tf } from "../../engine";

/** A matrix that maps the time series of one pixel to those of F filters: row `f * frames + t` is filter f at output frame t. */
export interface FilterBank {
  readonly filters: number;
  /** The number of output frames. */
  readonly frames: number;
  /** `[filters * frames, T]` */
  readonly matrix: tf.Tensor2D;
}

/**
 * Returns fixed filters over time as one matrix. A frame sequence is short, so the matrix omits the taps before its first frame.
 *
 * @param bank the taps of each filter
 * @param time T, the number of input frames, which are surrounded by zeros
 * @param tap the tap that maps input frame s to output frame t; a tap outside the filter is 0
 * @param first the first output frame to compute
 */
export function filterBank(
  bank: readonly (readonly number[])[],
  time: number,
  tap: (t: number, s: number) => number,
  first = 0,
): FilterBank {
  const frames = time - first;
  const values = bank.flatMap((filter) =>
    Array.from({ length: frames * time }, (_, i) => filter[tap(first + Math.floor(i / time), i % time)] ?? 0),
  );
  const filters = bank.length;
  return { filters, frames, matrix: tf.tensor2d(values, [filters * frames, time]) };
}

/** The tap of a causal filter: tap l applies to the frame `l` frames earlier. */
export const causal = (t: number, s: number) => t - s;

/** Applies the filters. Returns each filter's result, `[B, frames, P]`, where P is the number of values of a frame. */
export function applyBank(x_BTHWC: tf.Tensor5D, { filters, matrix }: FilterBank): tf.Tensor3D[] {
  const [batch, time] = x_BTHWC.shape;
  const series = tf.reshape(x_BTHWC, [batch, time, -1]) as tf.Tensor3D;
  const seen = tf.matMul<tf.Tensor3D>(tf.expandDims<tf.Tensor3D>(matrix, 0), series);
  return tf.split(seen, filters, 1);
}
