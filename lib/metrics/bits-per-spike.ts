import { tf } from "../engine";
import { meanOfKnown, meansOfSessions, meansOfSubjects } from "./session-means";

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

/** Sums the values of each unit over samples: `[B, columns]` → `[N]`. */
export type SumOfUnits = (values: tf.Tensor2D) => tf.Tensor1D;

/**
 * Accumulates bits per spike over batches: `Σ [r log(rhat) - rhat - (r log(rbar) - rbar)] / (spikes ln 2)` over
 * valid bins, where rbar is the unit's mean rate on the same bins. It is the gain over a model that knows only the mean rates.
 *
 * It keeps running sums in float64 and stores no predictions.
 */
export class BitsPerSpike {
  /** `[4, N]`, row by row, in the order of `bitsPerSpikeSums`. */
  readonly sums: Float64Array;

  /**
   * @param unitDataset the session of each of the N units
   * @param sessions the sessions' names, such as `north_2031-01-01`; the subject is the text before the first `_`
   */
  constructor(
    readonly unitDataset: Int32Array,
    readonly sessions: readonly string[],
  ) {
    this.sums = new Float64Array(SUMS * unitDataset.length);
  }

  /** Adds the sums of a batch or of another process. @throws RangeError when the number of units differs */
  add(sums: ArrayLike<number>): void {
    if (sums.length !== this.sums.length)
      throw new RangeError(`BitsPerSpike.add: ${sums.length} sums for ${this.unitDataset.length} units`);
    for (let i = 0; i < sums.length; i++) this.sums[i]! += sums[i]!;
  }

  /** Adds the sums of another accumulator for the same units. */
  merge(other: BitsPerSpike): void {
    this.add(other.sums);
  }

  /** Returns the bits per spike of each unit; NaN for a unit without a spike on the valid bins. */
  perUnit(): Float64Array {
    const n = this.unitDataset.length;
    return Float64Array.from({ length: n }, (_, unit) => {
      const [likelihood, expected, spikes, bins] = [0, 1, 2, 3].map((row) => this.sums[row * n + unit]!);
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
  perSession(): number[] {
    return meansOfSessions(this.perUnit().map(clip), this.unitDataset, this.sessions.length);
  }

  /** Returns the mean over each subject's sessions. */
  perSubject(): Record<string, number> {
    return meansOfSubjects(this.perSession(), this.sessions);
  }

  /** Returns `val_bps_overall`: the mean over sessions of the mean over units, each clipped at 0. */
  overall(): number {
    return meanOfKnown(this.perSession());
  }
}

// Keeps NaN, which means exclude.
const clip = (value: number) => Math.max(0, value);
