import type { tf } from "../../engine";
import type { WeightSpec, Weights } from "../../nn";

/**
 * The readouts of all sessions, applied to the whole batch as one; their parameters stay apart, `{session}.{name}`.
 * N is the number of all units, sessions in order.
 */
export interface PlannedReadouts {
  readonly weights: readonly WeightSpec[];
  /** For one sample and all N units. */
  readonly flops: number;
  /** `[B, T, H, W, C]` → `[B, N]`, before the output activation. Reads the last frame. */
  apply(x_BTHWC: tf.Tensor5D, weights: Weights): tf.Tensor2D;
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
