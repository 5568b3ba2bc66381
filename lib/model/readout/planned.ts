import type { tf } from "../../engine";
import type { Mode, WeightSpec, Weights } from "../../nn";

/** Optional facts about units, in the order of sessions. */
export interface UnitFacts {
  /** The position of each unit in the tissue, in any unit of length, `[units][dimensions]`, for predicted readout positions. */
  readonly coordinates?: readonly (readonly (readonly number[])[])[];
  /** A number from 0 for each unit; units of one group share their feature weights, also across sessions. */
  readonly groups?: readonly (readonly number[])[];
}

/**
 * The readouts of all sessions, applied to the whole batch at once. Each session has separate parameters, `{session}.{name}`. N is the
 * number of all units, in the order of sessions.
 */
export interface PlannedReadouts {
  readonly weights: readonly WeightSpec[];
  /** The operations for one sample and all N units. */
  readonly flops: number;
  /** Whether `apply` supports an offset, because units have positions. */
  readonly shiftable: boolean;
  /**
   * Maps `[B, T, H, W, C]` → `[B, N]`, before the output activation. Reads the last frame.
   *
   * @param offset_B2 (dy, dx) in pixels of the core's output, the shift of all units' positions in a sample
   */
  apply(x_BTHWC: tf.Tensor5D, weights: Weights, mode: Mode, offset_B2?: tf.Tensor2D): tf.Tensor2D;
  /** Returns the name of the bias of a session's units, or undefined when there is none. */
  biasOf(session: number): string | undefined;
  /** The masks and positions of units, for readouts that have them. */
  masks?: {
    /** `[N, H * W]`, each of sum 1. */
    apply(weights: Weights): tf.Tensor2D;
    /** `[N, 2]`: (y, x), in pixels of the core's output, from its centre. */
    means(weights: Weights): tf.Tensor2D;
  };
}

/** Returns one weight of all sessions. */
export function ofSessions(units: readonly number[], weights: Weights, name: string): tf.Variable[] {
  return units.map((_, session) => weights(`${session}.${name}`));
}
