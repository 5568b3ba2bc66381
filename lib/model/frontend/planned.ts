import type { tf } from "../../engine";
import type { Plan, Weights } from "../../nn";
import type { Newest } from "../../nn/newest";

/** A frontend; those with temporal kernels can show them. */
export interface PlannedFrontend extends Plan {
  newest?(frames: number): Newest<PlannedFrontend>;
  /** Returns the effective kernels, `[taps, channels]`, oldest tap first. */
  temporalKernels?(weights: Weights): tf.Tensor2D;
}
