import { tf } from "../../engine";
import { asFrames, asVideo } from "../../nn/shape";

/** A binomial kernel with sigma 1 pixel and sum 1. */
const TAPS = [1, 4, 6, 4, 1].map((weight) => weight / 16);
/** The least frame size that can be reflected at the edges. */
export const LEAST_SIZE = 3;

/** Returns the reflected index of a sample beyond the edge; the edge pixel is not repeated. */
const reflected = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i);

/**
 * Returns one level of a Laplacian pyramid (Burt & Adelson 1983) along an axis: blur, keep every second sample, insert zeros, blur again
 * with gain 2, with reflected edges. All steps are linear, so they form one matrix `[size, size]`.
 */
export function lowPassMatrix(size: number): number[][] {
  const kept = Math.ceil(size / 2);
  const reduce = Array.from({ length: kept }, (_, i) => {
    const row = Array<number>(size).fill(0);
    TAPS.forEach((weight, k) => {
      row[reflected(2 * i + k - 2, size)]! += weight;
    });
    return row;
  });
  return Array.from({ length: size }, (_, i) => {
    const row = Array<number>(size).fill(0);
    TAPS.forEach((weight, k) => {
      // Samples lie at even positions, including one more on each side within reach of the blur.
      if ((i + k) % 2 !== 0) return;
      reduce[reflected((i + k) / 2 - 1, kept)]!.forEach((value, at) => {
        row[at]! += 2 * weight * value;
      });
    });
    return row;
  });
}

/** Splits every frame of one channel into its low-pass and the residual; their sum is the frame. */
export function splitFrames(x_BTHW1: tf.Tensor5D): { residual: tf.Tensor5D; low: tf.Tensor5D } {
  const [, , height, width] = x_BTHW1.shape;
  const frames = tf.squeeze(asFrames(x_BTHW1), [3]) as tf.Tensor3D;
  const columns = tf.tensor3d([lowPassMatrix(width)]);
  const rows = tf.tensor3d([lowPassMatrix(height)]);
  const blurred = tf.matMul<tf.Tensor3D>(rows, tf.matMul<tf.Tensor3D>(frames, columns, false, true));
  const low = asVideo(tf.expandDims(blurred, 3), x_BTHW1.shape[0]);
  return { residual: tf.sub(x_BTHW1, low), low };
}
