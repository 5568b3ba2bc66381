import { tf } from "../../engine";

/** How the series of one pixel become those of F filters: row `f * frames + t` is filter f at output frame t. */
export interface FilterBank {
  readonly filters: number;
  /** Frames that come out. */
  readonly frames: number;
  /** `[filters * frames, T]` */
  readonly matrix: tf.Tensor2D;
}

/**
 * Fixed filters over time as one matrix: a frame sequence is short, so that the filters' taps before its first frame need
 * not be there.
 *
 * @param bank filters, by tap
 * @param time T, frames that come in; there are zeros around them
 * @param tap the tap through which output frame t sees input frame s; one that is not there is 0
 * @param first output frames before this one are left out
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

/** Filter f sees the frame `l` before through its tap l. */
export const causal = (t: number, s: number) => t - s;

/** Each filter's result, `[B, frames, P]`, P the values of a frame. */
export function applyBank(x_BTHWC: tf.Tensor5D, { filters, matrix }: FilterBank): tf.Tensor3D[] {
  const [batch, time] = x_BTHWC.shape;
  const series = tf.reshape(x_BTHWC, [batch, time, -1]) as tf.Tensor3D;
  const seen = tf.matMul<tf.Tensor3D>(tf.expandDims<tf.Tensor3D>(matrix, 0), series);
  return tf.split(seen, filters, 1);
}
