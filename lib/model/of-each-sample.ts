import { tf } from "../engine";
import type { Weights } from "../nn";

/**
 * A weight of each sample's own session, `{session}.{name}`: `[B, ...]`.
 *
 * @param dataset_B the session of each sample, int32. What only fills a batch up has -1; any session's weight will do,
 *   nobody looks at the result
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
