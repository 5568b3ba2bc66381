import { tf } from "../engine";
import { classTargets } from "./classes";
import { meanOfEach, paired } from "./paired";

/**
 * Computes the cross-entropy of mutually exclusive classes, `-Σ p log softmax(logits)`, in nats.
 *
 * @param logits scores before a softmax, `[B, C]`; further axes between them, such as time, are averaged
 * @param y the number of the class, from 0, `[B]`, or the probability of each class, `[B, C]`
 * @returns the loss of each sample, `[B]`; NaN where a label is not a valid class
 * @throws RangeError when shapes do not fit
 */
export function crossEntropy(logits: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { logits_NC, target_NC } = classTargets(logits, y, "losses.crossEntropy");
  const each = tf.neg(tf.sum(tf.mul(target_NC, tf.logSoftmax(logits_NC)), 1));
  const known = tf.greater(tf.sum(target_NC, 1), 0);
  return meanOfEach(tf.where(known, each, tf.fill(each.shape, Number.NaN)), logits.shape[0]);
}

/**
 * Computes the cross-entropy of independent binary outputs from logits (scores before a sigmoid), in nats.
 *
 * @param logits `[B]`, `[B, 1]` or `[B, K]`
 * @param y as many values from 0 to 1
 * @returns the mean over each sample's outputs, `[B]`
 * @throws RangeError when shapes do not fit
 */
export function binaryCrossEntropy(logits: tf.Tensor, y: tf.Tensor): tf.Tensor1D {
  const { output_BK, y_BK } = paired(logits, y, "losses.binaryCrossEntropy");
  // log(1 + e^x) - x y, without an overflow.
  return meanOfEach(tf.sub(tf.softplus(output_BK), tf.mul(output_BK, y_BK)));
}
