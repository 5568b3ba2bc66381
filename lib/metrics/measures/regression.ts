import { tf } from "../../engine";
import { paired } from "../../losses/regression";
import type { Measure } from "../measure";

/**
 * The number of rows of a batch's numbers, with K values each: count, both means, the sums of squares and products around them, squared
 * errors.
 */
const ROWS = 7;

/** Sums over all samples of one of the K values. */
export interface Moments {
  readonly count: number;
  /** `Σ (y - mean)²` of the targets, and the same sum of the outputs. */
  readonly ofY: number;
  readonly ofOutput: number;
  /** `Σ (y - mean) (output - mean)` */
  readonly product: number;
  /** `Σ (output - y)²` */
  readonly error: number;
}

/** Computes the numbers of a batch that the moments need, `[7, K]`. Traced. */
function momentNumbers(output_BK: tf.Tensor2D, y_BK: tf.Tensor2D): tf.Tensor {
  const [meanY, meanOutput] = [tf.mean(y_BK, 0), tf.mean(output_BK, 0)];
  const [y, output] = [tf.sub(y_BK, meanY), tf.sub(output_BK, meanOutput)];
  const sums = [tf.square(y), tf.square(output), tf.mul(y, output), tf.square(tf.sub(output_BK, y_BK))];
  const count = tf.fill(meanY.shape, y_BK.shape[0]);
  return tf.stack([count, meanY, meanOutput, ...sums.map((values) => tf.sum(values, 0))]);
}

/**
 * Joins the moments of batches around their common mean (Chan, Golub & LeVeque 1979), in double precision. A mean that is large compared
 * to the spread loses no precision.
 */
function joinedMoments(batches: readonly Float32Array[]): Moments[] {
  const length = (batches[0]?.length ?? 0) / ROWS;
  return Array.from({ length }, (_, k) => {
    let [count, meanY, meanOutput, ofY, ofOutput, product, error] = [0, 0, 0, 0, 0, 0, 0];
    for (const numbers of batches) {
      const at = (row: number) => numbers[row * length + k]!;
      const total = count + at(0);
      const [stepY, stepOutput] = [at(1) - meanY, at(2) - meanOutput];
      const between = (count * at(0)) / total;
      ofY += at(3) + stepY ** 2 * between;
      ofOutput += at(4) + stepOutput ** 2 * between;
      product += at(5) + stepY * stepOutput * between;
      error += at(6);
      meanY += (stepY * at(0)) / total;
      meanOutput += (stepOutput * at(0)) / total;
      count = total;
    }
    return { count, ofY, ofOutput, product, error };
  });
}

/**
 * Computes the coefficient of determination, `1 - Σ (y - output)² / Σ (y - mean)²`, over all samples of all batches.
 *
 * @param output `[B]` or `[B, ...]`
 * @param y as many values
 * @returns a measure: the mean over a sample's values, as scikit-learn's `uniform_average`; NaN where y is constant
 * @throws RangeError when shapes do not fit
 */
export function r2(output: tf.Tensor, y: tf.Tensor): Measure {
  return ofMoments(output, y, "metrics.r2", ({ error, ofY }) => (ofY > 0 ? 1 - error / ofY : Number.NaN));
}

/**
 * Computes Pearson's correlation of outputs and targets, over all samples of all batches.
 *
 * @param output `[B]` or `[B, ...]`
 * @param y as many values
 * @returns a measure: the mean over a sample's values; NaN where either is constant
 * @throws RangeError when shapes do not fit
 */
export function correlation(output: tf.Tensor, y: tf.Tensor): Measure {
  return ofMoments(output, y, "metrics.correlation", ({ product, ofY, ofOutput }) =>
    ofY > 0 && ofOutput > 0 ? product / Math.sqrt(ofY * ofOutput) : Number.NaN,
  );
}

/** Computes the root of the mean squared error over all samples of all batches. @throws RangeError when shapes do not fit */
export function rootMeanSquaredError(output: tf.Tensor, y: tf.Tensor): Measure {
  const { output_BK, y_BK } = paired(output, y, "metrics.rootMeanSquaredError");
  const value = (batches: readonly Float32Array[]) =>
    Math.sqrt(mean(joinedMoments(batches).map(({ error, count }) => error / count)));
  return { numbers: momentNumbers(output_BK, y_BK), value };
}

function ofMoments(output: tf.Tensor, y: tf.Tensor, name: string, score: (of: Moments) => number): Measure {
  const { output_BK, y_BK } = paired(output, y, name);
  const value = (batches: readonly Float32Array[]) => mean(joinedMoments(batches).map(score));
  return { numbers: momentNumbers(output_BK, y_BK), value };
}

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
