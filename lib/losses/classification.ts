import { tf } from "../engine";
import { meanOfEach, paired } from "./regression";

/** Class scores and their targets for N predictions, such as one for each sample or for each step of a series. */
export interface ClassTargets {
  readonly logits_NC: tf.Tensor2D;
  /** The probability of each class; all 0 where a label is not a valid class. */
  readonly target_NC: tf.Tensor2D;
}

/**
 * Converts labels and one-hot targets to class probabilities.
 *
 * @param logits `[B, ..., C]`
 * @param y the number of the class, from 0, `[B, ...]` or `[B, ..., 1]`; or the probability of each class, `[B, ..., C]`
 * @param name the name of the loss or metric, for the error
 * @throws RangeError for fewer than two classes, and when shapes do not fit
 */
export function classTargets(logits: tf.Tensor, y: tf.Tensor, name: string): ClassTargets {
  const classes = logits.shape.at(-1) ?? 1;
  const count = logits.size / classes;
  if (logits.rank < 2 || classes < 2)
    throw new RangeError(
      `${name}: the output is [${logits.shape}], and its last axis counts the classes, two or more; for one output of two ` +
        "classes take losses.binaryCrossEntropy and metrics.binaryAccuracy",
    );
  if (logits.shape[0] !== y.shape[0] || (y.size !== count && y.size !== logits.size))
    throw new RangeError(
      `${name}: the output is [${logits.shape}] and the target [${y.shape}]; a target is the number of a class, ` +
        `[${logits.shape.slice(0, -1)}], or the probability of each, [${logits.shape}]`,
    );
  const given = tf.cast(y, y.size === count ? "int32" : "float32");
  const target =
    y.size === count
      ? tf.cast(tf.oneHot(tf.reshape(given, [count]) as tf.Tensor1D, classes), "float32")
      : tf.reshape(given, [count, classes]);
  return { logits_NC: tf.reshape(logits, [count, classes]), target_NC: target as tf.Tensor2D };
}

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
