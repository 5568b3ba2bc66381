import * as tf from "@tensorflow/tfjs-core";

/** Lengths or amounts along time, height and width. */
export type Triple = readonly [number, number, number];

/** The options of `tf.conv3d`. Triples are (time, height, width). */
export interface Conv3dOptions {
  /** Default [1, 1, 1]. */
  strides?: Triple;
  /** Default [1, 1, 1]. */
  dilations?: Triple;
  /** The number of zeros on both sides of each axis, or TensorFlow's padding mode. Default "valid". */
  pad?: "valid" | "same" | number;
}

/**
 * Computes `tf.conv3d` (correlation over time, height and width) and also allows strides and dilations that are both larger than 1: the
 * kernel supports them, but tfjs's function rejects them.
 *
 * @param x `[batch, time, height, width, in]`
 * @param filter `[kt, kh, kw, in, out]`
 * @returns `[batch, time', height', width', out]`
 */
export function conv3d(
  x: tf.Tensor5D,
  filter: tf.Tensor5D,
  { strides = [1, 1, 1], dilations = [1, 1, 1], pad = "valid" }: Conv3dOptions = {},
): tf.Tensor5D {
  const attributes = { strides: [...strides], dilations: [...dilations], pad, dataFormat: "NDHWC" };
  return tf.engine().runKernel("Conv3D", { x, filter }, attributes) as tf.Tensor5D;
}
