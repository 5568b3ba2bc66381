import { tf } from "../../engine";
import { classTargets } from "../../losses/classes";
import { meanOfEach, paired } from "../../losses/paired";

/**
 * Computes the share of predictions whose highest score is that of the correct class.
 *
 * @param output scores, logits or probabilities, `[B, C]`
 * @param y the number of the class, from 0, `[B]`, or one-hot, `[B, C]`
 * @returns 1 or 0 for each sample, `[B]`
 * @throws RangeError when shapes do not fit
 */
export function accuracy(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { logits_NC, target_NC } = classTargets(output, y, "metrics.accuracy");
  const right = tf.equal(tf.argMax(logits_NC, 1), tf.argMax(target_NC, 1));
  // A label that is not a valid class never counts as correct.
  const known = tf.greater(tf.sum(target_NC, 1), 0);
  return meanOfEach(tf.cast(tf.logicalAnd(right, known), "float32"), output.shape[0]);
}

/**
 * Computes the share of outputs on the correct side of a threshold.
 *
 * @param output `[B]`, `[B, 1]` or `[B, K]`
 * @param y as many values, 0 or 1
 * @param threshold default 0, for logits; 0.5 for probabilities
 * @returns the share of each sample's outputs, `[B]`
 * @throws RangeError when shapes do not fit
 */
export function binaryAccuracy(output: tf.Tensor, y: tf.Tensor, { threshold = 0 } = {}): tf.Tensor1D {
  const { output_BK, y_BK } = paired(output, y, "metrics.binaryAccuracy");
  const right = tf.equal(tf.greater(output_BK, threshold), tf.greater(y_BK, 0.5));
  return meanOfEach(tf.cast(right, "float32"));
}
