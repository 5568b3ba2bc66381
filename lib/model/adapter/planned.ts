import type { tf } from "../../engine";
import type { Mode, PlanFacts, Weights } from "../../nn";

/**
 * The adapters of all sessions, applied to the whole batch as one; their parameters stay apart, `{session}.{name}`.
 * `geometry` is that of the first weights.
 */
export interface PlannedAdapter extends PlanFacts {
  /**
   * Resamples each frame alone, however many there are.
   *
   * @param dataset_B the session of each sample, int32; an adapter that is there throws without it
   */
  apply(x_BTHWC: tf.Tensor5D, dataset_B: tf.Tensor1D | undefined, weights: Weights, mode: Mode): tf.Tensor5D;
  /**
   * Where points of the output lie on the stimulus by the weights as they are. Without it: where `geometry` says.
   *
   * @param points_N2 (y, x) in pixels, 0 the first
   * @param dataset_N the session of each point, int32
   */
  locate?(points_N2: tf.Tensor2D, dataset_N: tf.Tensor1D, weights: Weights): tf.Tensor2D;
}
