import { tf } from "../engine";
import { meansOfSessions } from "./session-means";
import { type SessionTotals, type SumOfUnits, totalOf, UnitSums } from "./unit-sums";

/** Keeps the logarithm of a rate of 0 finite; the same number under the model's rate and under the mean rate. */
export const LEAST_RATE = 1e-8;

/** The number of rows of the sums for bits per spike. */
const SUMS = 4;

/**
 * Computes the sums of a batch that bits per spike need: Σ m r log(rhat), Σ m rhat, Σ m r, Σ m over its samples, `[4, N]`. Traced. The
 * sums of batches and of processes are additive.
 *
 * @param rate `[B, columns]`; with `logRate` its logarithm
 * @param robs spike counts r, `[B, columns]`
 * @param mask m, 1 where the count is valid and of the sample's session, `[B, columns]`
 * @param how `sum` sums the values of each unit: `[B, columns]` → `[N]`. Default: each column is a unit
 */
export function bitsPerSpikeSums(
  { rate, robs, mask }: { rate: tf.Tensor2D; robs: tf.Tensor2D; mask: tf.Tensor2D },
  { logRate, sum = (values) => tf.sum(values, 0) }: { logRate: boolean; sum?: SumOfUnits },
): tf.Tensor2D {
  return tf.tidy(() => {
    // Masked values may be non-finite, and 0 times a non-finite number is not 0.
    const valid = tf.greater(mask, 0);
    const within = (values: tf.Tensor) => tf.where(valid, values, tf.zerosLike(values));
    const [rhat, log] = logRate ? [tf.exp(rate), rate] : [rate, tf.log(tf.add(rate, LEAST_RATE))];
    const spikes = tf.mul(mask, within(robs));
    const rows = [tf.mul(spikes, within(log)), tf.mul(mask, within(rhat)), spikes, mask];
    return tf.stack(rows.map((row) => sum(row as tf.Tensor2D))) as tf.Tensor2D;
  });
}

/**
 * Accumulates bits per spike over batches: `Σ [r log(rhat) - rhat - (r log(rbar) - rbar)] / (spikes ln 2)` over
 * valid bins, where rbar is the unit's mean rate on the same bins. It is the gain over a model that knows only the mean rates.
 * The sums are those of `bitsPerSpikeSums`.
 */
export class BitsPerSpike extends UnitSums {
  /**
   * @param unitDataset the session of each of the N units
   * @param sessions the sessions' names, such as `north_2031-01-01`; the subject is the text before the first `_`
   */
  constructor(unitDataset: Int32Array, sessions: readonly string[]) {
    super(unitDataset, sessions, SUMS);
  }

  /** Adds the sums of another accumulator for the same units. */
  merge(other: BitsPerSpike): void {
    this.add(other.sums);
  }

  /** Returns the bits per spike of each unit; NaN for a unit without a spike on the valid bins. */
  override perUnit(): Float64Array {
    return Float64Array.from(this.unitDataset, (_, unit) => {
      const [likelihood, expected, spikes, bins] = [0, 1, 2, 3].map((row) => this.at(row, unit));
      if (!(spikes! > 0)) return Number.NaN;
      const mean = spikes! / bins!;
      const gain = likelihood! - expected! - (spikes! * Math.log(mean + LEAST_RATE) - mean * bins!);
      return gain / spikes! / Math.LN2;
    });
  }

  /** Returns the number of units without spikes. All means exclude them. */
  silentUnits(): number {
    return this.perUnit().filter(Number.isNaN).length;
  }

  /** Returns the mean over each session's units, each clipped at 0; NaN for a session without spikes. */
  override perSession(): number[] {
    return meansOfSessions(this.perUnit().map(clip), this.unitDataset, this.sessions.length);
  }

  /** Returns the mean Poisson loss, without its constant, over the valid bins of some sessions. */
  override loss(counts: (session: number) => boolean, totals: SessionTotals = this.totals()): number {
    const [likelihood, expected, , bins] = totals.map((row) => totalOf(row, counts));
    return (expected! - likelihood!) / bins!;
  }
}

// Keeps NaN, which means exclude.
const clip = (value: number) => Math.max(0, value);
