import { tf } from "../engine";
import type { Weights } from "../nn";

/**
 * Returns a weight of each sample's session, `{session}.{name}`: `[B, ...]`.
 *
 * @param dataset_B the session of each sample, int32. Padding samples have -1 and get an arbitrary session's weight, because their
 * results are ignored
 */
export function ofEachSample(
  name: string,
  sessions: number,
  dataset_B: tf.Tensor1D,
  weights: Weights,
): tf.Tensor {
  const index = tf.maximum(dataset_B, tf.scalar(0, "int32"));
  return tf.gather(tf.stack(Array.from({ length: sessions }, (_, i) => weights(`${i}.${name}`))), index);
}
