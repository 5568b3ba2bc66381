import { tf } from "../engine";
import { type SessionTotals, type SumOfUnits, totalOf, UnitSums } from "./unit-sums";

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
 * counts. The sums are those of `correlationSums`.
 */
export class ResponseCorrelation extends UnitSums {
  /**
   * @param unitDataset the session of each of the N units
   * @param sessions the sessions' names, such as `north_2031-01-01`; the subject is the text before the first `_`
   */
  constructor(unitDataset: Int32Array, sessions: readonly string[]) {
    super(unitDataset, sessions, SUMS);
  }

  /** Returns the correlation of each unit; NaN for a unit whose responses or predictions are constant. */
  override perUnit(): Float64Array {
    return Float64Array.from(this.unitDataset, (_, unit) => {
      const [n, r, rr, p, pp, rp] = [0, 1, 2, 3, 4, 5].map((row) => this.at(row, unit)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const [ofResponse, ofPrediction] = [n * rr - r * r, n * pp - p * p];
      if (!(ofResponse > 0 && ofPrediction > 0)) return Number.NaN;
      return (n * rp - r * p) / Math.sqrt(ofResponse * ofPrediction);
    });
  }

  /** Returns the mean of the losses over the valid bins of some sessions. */
  override loss(counts: (session: number) => boolean, totals: SessionTotals = this.totals()): number {
    return totalOf(totals[SUMS - 1]!, counts) / totalOf(totals[0]!, counts);
  }
}
