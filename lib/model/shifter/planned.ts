import type { tf } from "../../engine";
import type { WeightSpec, Weights } from "../../nn";

/** The shifters of all sessions, applied to the whole batch at once. Each session has separate parameters, `{session}.{name}`. */
export interface PlannedShifter {
  readonly weights: readonly WeightSpec[];
  /**
   * Computes the shift of the units' positions with the eye; undefined for a model without a shifter.
   *
   * @param eyepos_B2 eye position of each sample
   * @param dataset_B the session of each sample, int32
   * @returns `[B, 2]`, (dy, dx) in pixels of the core's output
   */
  readonly apply?: (eyepos_B2: tf.Tensor2D, dataset_B: tf.Tensor1D, weights: Weights) => tf.Tensor2D;
}
