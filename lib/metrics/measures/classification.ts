import { tf } from "../../engine";
import { classTargets } from "../../losses/classification";
import { meanOfEach, paired } from "../../losses/regression";
import type { Measure } from "../measure";

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

/**
 * Computes the area under the ROC curve of two classes: the probability that a positive sample has a higher score than a negative one, ties
 * counting half. It is exact, over all samples of all batches.
 *
 * @param output scores, logits or probabilities, `[B]` or `[B, 1]`; or of both classes, `[B, 2]`
 * @param y 1 for a positive sample, else 0, `[B]` or `[B, 1]`; or one-hot, `[B, 2]`
 * @returns a measure; NaN while all samples are of one class
 * @throws RangeError for other shapes
 */
export function auc(output: tf.Tensor, y: tf.Tensor): Measure {
  const count = output.shape[0]!;
  const ofPositive = (values: tf.Tensor): tf.Tensor => {
    const flat = tf.reshape(tf.cast(values, "float32"), [count, -1]);
    if (flat.shape[1] === 1) return tf.squeeze(flat, [1]);
    if (flat.shape[1] !== 2 || values.shape[0] !== count)
      throw new RangeError(
        `metrics.auc: the output is [${output.shape}] and the target [${y.shape}]; two classes are needed, [B], [B, 1] or [B, 2]`,
      );
    return tf.sub(tf.slice(flat, [0, 1], [count, 1]), tf.slice(flat, [0, 0], [count, 1])).reshape([count]);
  };
  return { numbers: tf.stack([ofPositive(output), ofPositive(y)]), value: areaUnderRoc };
}

/** Computes Mann and Whitney's U from mean ranks. Each batch holds scores followed by labels. */
function areaUnderRoc(batches: readonly Float32Array[]): number {
  const samples = batches.flatMap((numbers) => {
    const count = numbers.length / 2;
    return Array.from({ length: count }, (_, i) => ({ score: numbers[i]!, label: numbers[count + i]! }));
  });
  if (samples.some(({ score }) => Number.isNaN(score))) return Number.NaN;
  samples.sort((a, b) => a.score - b.score);
  let [positives, rankSum] = [0, 0];
  for (let from = 0; from < samples.length; ) {
    let to = from;
    let tied = 0;
    for (; to < samples.length && samples[to]!.score === samples[from]!.score; to++)
      if (samples[to]!.label > 0.5) tied++;
    positives += tied;
    rankSum += (tied * (from + 1 + to)) / 2;
    from = to;
  }
  const negatives = samples.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
