import * as tf from "@tensorflow/tfjs-core";

/**
 * The products of `lib/engine/grouped.ts` for a single group. Models compute the rates of all units in the browser, which needs no
 * others.
 */

/** Computes `x W` as `groupedMatMul` of the engine. @throws Error for several groups */
export function groupedMatMul(x: tf.Tensor2D, weights: readonly tf.Tensor2D[]): tf.Tensor2D {
  return tf.matMul(x, onlyOne(weights));
}

/**
 * Computes the scalar products of chosen pixels with units' features as `groupedDots` of the engine.
 *
 * @param image `[B, P, C]` @param pixels int32 `[B, k, U]` @param features one matrix `[U, C]`
 * @returns `[B, k, U]`
 * @throws Error for several groups
 */
export function groupedDots(
  image: tf.Tensor3D,
  pixels: tf.Tensor3D,
  features: readonly tf.Tensor2D[],
): tf.Tensor3D {
  const [samples, area, channels] = image.shape;
  const first = tf.reshape(tf.range(0, samples * area, area, "int32"), [samples, 1, 1]);
  const rows = tf.gather(tf.reshape(image, [samples * area, channels]), tf.add(pixels, first));
  return tf.sum(tf.mul(rows, onlyOne(features)), 3);
}

function onlyOne<T>(groups: readonly T[]): T {
  if (groups.length === 1) return groups[0]!;
  throw new Error(`In the browser, a product has one group; it was called with ${groups.length}.`);
}
