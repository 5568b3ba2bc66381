import type { tf } from "../../engine";
import type { Mode, PlanFacts, Weights } from "../../nn";

/**
 * The adapters of all sessions, applied to the whole batch at once. Each session has separate parameters, `{session}.{name}`. `geometry`
 * is that of the initial weights.
 */
export interface PlannedAdapter extends PlanFacts {
  /**
   * Resamples each frame independently, for any number of frames.
   *
   * @param dataset_B the session of each sample, int32; every adapter except `none` throws without it
   */
  apply(x_BTHWC: tf.Tensor5D, dataset_B: tf.Tensor1D | undefined, weights: Weights, mode: Mode): tf.Tensor5D;
  /**
   * Returns the positions of output points on the stimulus under the current weights. If absent, `geometry` gives the positions.
   *
   * @param points_N2 (y, x) in pixels, 0 the first
   * @param dataset_N the session of each point, int32
   */
  locate?(points_N2: tf.Tensor2D, dataset_N: tf.Tensor1D, weights: Weights): tf.Tensor2D;
}
