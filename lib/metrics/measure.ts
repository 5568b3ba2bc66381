import { tf } from "../engine";

/**
 * A score over all samples of a pass over data. Each batch contributes a few numbers, and the score is computed from the numbers of
 * every batch, so that it does not depend on the division of samples into batches or among processes.
 */
export interface Measure {
  /** The batch's numbers, of any shape; their count may depend on the batch size. Computed inside a compiled step. */
  readonly numbers: tf.Tensor;
  /** Returns the score from the numbers of all batches, each flattened. */
  value(batches: readonly Float32Array[]): number;
}

/** Returns the mean over samples: each batch contributes `[mean, samples]`. NaN when there is no sample. */
function meanOverSamples(batches: readonly Float32Array[]): number {
  let [sum, count] = [0, 0];
  for (const numbers of batches) {
    const [mean, samples] = [numbers[0]!, numbers[1]!];
    // The mean of no samples is NaN, and 0 times NaN is not 0.
    if (samples === 0) continue;
    sum += mean * samples;
    count += samples;
  }
  return sum / count;
}

/** Returns the measure of a mean over `samples` samples of a batch, both scalars. */
export function meanMeasure(mean: tf.Tensor, samples: tf.Tensor): Measure {
  return { numbers: tf.stack([mean, samples]), value: meanOverSamples };
}
