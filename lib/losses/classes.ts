import { tf } from "../engine";

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
