import type { tf } from "../../engine";
import type { Mode, WeightSpec, Weights } from "../../nn";

/** What is known of units beside their number; sessions in order. */
export interface UnitFacts {
  /** Where each unit lies in the tissue, in any unit, `[units][dimensions]`: for positions that are predicted from it. */
  readonly coordinates?: readonly (readonly (readonly number[])[])[];
  /** A number from 0 for each unit; units of one group share their feature weights, over sessions too. */
  readonly groups?: readonly (readonly number[])[];
}

/**
 * The readouts of all sessions, applied to the whole batch as one; their parameters stay apart, `{session}.{name}`.
 * N is the number of all units, sessions in order.
 */
export interface PlannedReadouts {
  readonly weights: readonly WeightSpec[];
  /** For one sample and all N units. */
  readonly flops: number;
  /** Whether `apply` takes an offset: units look at places, not everywhere. */
  readonly shiftable: boolean;
  /**
   * `[B, T, H, W, C]` → `[B, N]`, before the output activation. Reads the last frame.
   *
   * @param offset_B2 (dy, dx) in pixels of the core's output, by which all units look elsewhere in a sample
   */
  apply(x_BTHWC: tf.Tensor5D, weights: Weights, mode: Mode, offset_B2?: tf.Tensor2D): tf.Tensor2D;
  /** The weight that is added to a session's units, or undefined when there is none. */
  biasOf(session: number): string | undefined;
  /** Where units look, for readouts that know. */
  masks?: {
    /** `[N, H * W]`, each of sum 1. */
    apply(weights: Weights): tf.Tensor2D;
    /** `[N, 2]`: (y, x), in pixels of the core's output, from its centre. */
    means(weights: Weights): tf.Tensor2D;
  };
}

/** One weight of all sessions. */
export function ofSessions(units: readonly number[], weights: Weights, name: string): tf.Variable[] {
  return units.map((_, session) => weights(`${session}.${name}`));
}
