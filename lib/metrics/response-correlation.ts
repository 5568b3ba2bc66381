import { tf } from "../engine";
import type { SumOfUnits } from "./bits-per-spike";
import { meanOfKnown, meansOfSessions, meansOfSubjects } from "./session-means";

/** The number of rows of the sums. */
const SUMS = 7;

/** Predicted means, responses and losses of a batch, `[B, columns]`, and the mask that is 1 where a response counts. */
interface Predicted {
  readonly rate: tf.Tensor2D;
  readonly robs: tf.Tensor2D;
  readonly mask: tf.Tensor2D;
  readonly loss: tf.Tensor;
}

/**
 * Computes the sums of a batch that correlations and mean losses need: Σ m, Σ m r, Σ m r², Σ m p, Σ m p², Σ m r p, Σ m loss, for responses r
 * and predictions p, `[7, N]`. Traced. The sums of batches and of processes are additive.
 *
 * @param sum sums the values of each unit: `[B, columns]` → `[N]`
 */
export function correlationSums({ rate, robs, mask, loss }: Predicted, sum: SumOfUnits): tf.Tensor2D {
  return tf.tidy(() => {
    // Masked values may be non-finite, and 0 times a non-finite number is not 0.
    const valid = tf.greater(mask, 0);
    const within = (values: tf.Tensor) => tf.where(valid, values, tf.zerosLike(values));
    const [p, r] = [within(rate), within(robs)];
    const rows = [tf.onesLike(r), r, tf.square(r), p, tf.square(p), tf.mul(r, p), within(loss)];
    return tf.stack(rows.map((row) => sum(tf.mul(mask, row)))) as tf.Tensor2D;
  });
}

/**
 * Accumulates Pearson's correlation of responses and predictions over batches, and the mean of a loss: the scores of responses that are not
 * counts. It keeps running sums in float64 and stores no predictions.
 */
export class ResponseCorrelation {
  /** `[7, N]`, row by row, in the order of `correlationSums`. */
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
      throw new RangeError(
        `ResponseCorrelation.add: ${sums.length} sums for ${this.unitDataset.length} units`,
      );
    for (let i = 0; i < sums.length; i++) this.sums[i]! += sums[i]!;
  }

  /** Returns the correlation of each unit; NaN for a unit whose responses or predictions are constant. */
  perUnit(): Float64Array {
    return Float64Array.from(this.unitDataset, (_, unit) => {
      const [n, r, rr, p, pp, rp] = [0, 1, 2, 3, 4, 5].map((row) => this.at(row, unit)) as [number, number, number, number, number, number]; // biome-ignore format: one line
      const [ofResponse, ofPrediction] = [n * rr - r * r, n * pp - p * p];
      if (!(ofResponse > 0 && ofPrediction > 0)) return Number.NaN;
      return (n * rp - r * p) / Math.sqrt(ofResponse * ofPrediction);
    });
  }

  /** Returns the mean over each session's units; NaN for a session without a known correlation. */
  perSession(): number[] {
    return meansOfSessions(this.perUnit(), this.unitDataset, this.sessions.length);
  }

  /** Returns the mean over each subject's sessions. */
  perSubject(): Record<string, number> {
    return meansOfSubjects(this.perSession(), this.sessions);
  }

  /** Returns `val_corr_overall`: the mean over sessions of the mean over units. */
  overall(): number {
    return meanOfKnown(this.perSession());
  }

  /** Returns the mean loss over the valid bins of some sessions. */
  loss(counts: (session: number) => boolean): number {
    let [sum, bins] = [0, 0];
    this.unitDataset.forEach((session, unit) => {
      if (!counts(session)) return;
      bins += this.at(0, unit);
      sum += this.at(SUMS - 1, unit);
    });
    return sum / bins;
  }

  private at(row: number, unit: number): number {
    return this.sums[row * this.unitDataset.length + unit]!;
  }
}
