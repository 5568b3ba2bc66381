import { tf } from "../engine";

/** Keeps the logarithm of a rate of 0 finite; the same number under the model's rate and under the mean rate. */
export const LEAST_RATE = 1e-8;

/** The number of rows of the sums for bits per spike. */
export const SUMS = 4;

/**
 * Computes the sums of a batch that bits per spike need: Σ m r log(rhat), Σ m rhat, Σ m r, Σ m over its samples, `[4, N]`. Traced. The
 * sums of batches and of processes are additive.
 *
 * @param rate `[B, N]`; with `logRate` its logarithm
 * @param robs spike counts r, `[B, N]`
 * @param mask m, 1 where the count is valid and of the sample's session, `[B, N]`
 */
export function bitsPerSpikeSums(
  { rate, robs, mask }: { rate: tf.Tensor2D; robs: tf.Tensor2D; mask: tf.Tensor2D },
  { logRate }: { logRate: boolean },
): tf.Tensor2D {
  return tf.tidy(() => {
    // Masked values may be non-finite, and 0 times a non-finite number is not 0.
    const valid = tf.greater(mask, 0);
    const within = (values: tf.Tensor) => tf.where(valid, values, tf.zerosLike(values));
    const [rhat, log] = logRate ? [tf.exp(rate), rate] : [rate, tf.log(tf.add(rate, LEAST_RATE))];
    const spikes = tf.mul(mask, within(robs));
    const rows = [tf.mul(spikes, within(log)), tf.mul(mask, within(rhat)), spikes, mask];
    return tf.stack(rows.map((row) => tf.sum(row, 0))) as tf.Tensor2D;
  });
}
