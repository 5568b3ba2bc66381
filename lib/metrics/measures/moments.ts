import { tf } from "../../engine";

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
export function momentNumbers(output_BK: tf.Tensor2D, y_BK: tf.Tensor2D): tf.Tensor {
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
export function joinedMoments(batches: readonly Float32Array[]): Moments[] {
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
