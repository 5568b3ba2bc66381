import type { tf } from "../../engine";
import { paired } from "../../losses/paired";
import type { Measure } from "../measure";
import { joinedMoments, type Moments, momentNumbers } from "./moments";

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
