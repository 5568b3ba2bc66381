import { z } from "zod";
import type { tf } from "../../engine";
import { below, type Mode, type Place, type PlanFacts, problemAt, type Weights } from "../../nn";
import type { Newest } from "../../nn/newest";

/** The output of a modulator. */
export interface Modulated {
  readonly features: tf.Tensor5D;
  /** The modulator's auxiliary loss of each sample, `[B]`; the loss adds it multiplied by `lambda_pred`. */
  readonly auxiliary?: tf.Tensor1D;
}

/** A modulator: features and behaviour → features. V is the number of behaviour variables. */
export interface PlannedModulator extends PlanFacts {
  /** Modulates features. @param behavior_BV `[B, V]`; every modulator except `none` throws without it */
  apply(x_BTHWC: tf.Tensor5D, behavior_BV: tf.Tensor2D | undefined, weights: Weights, mode: Mode): Modulated;
  /** Restricts the modulator to its newest output frames; absent where every output depends on all frames. */
  newest?(frames: number): Newest<PlannedModulator>;
}

/** Options of every modulator. */
export const behaviorOptions = {
  /** V, the variables of one sample's `behavior`. */
  behavior_dim: z.int().positive(),
  /** The number of input channels. It follows from the stage before; if given, it must agree. */
  feature_dim: z.int().positive().optional(),
};

/**
 * Compares the configuration of a modulator with its input.
 *
 * @throws ConfigError that names both sides
 */
export function checkBehavior(
  { behavior_dim, feature_dim }: z.output<z.ZodObject<typeof behaviorOptions>>,
  at: Place,
  channels: number,
  behaviors: number,
): void {
  if (behavior_dim !== behaviors)
    throw problemAt(
      below(at, "behavior_dim"),
      `is ${behavior_dim}, but behaviors is ${behaviors}: the sessions serve ${
        behaviors === 0 ? "no behavior" : `${behaviors} variables of behavior`
      }; give both the same number`,
    );
  if (feature_dim !== undefined && feature_dim !== channels)
    throw problemAt(
      below(at, "feature_dim"),
      `is ${feature_dim}, but ${channels} channels reach it; leave it out, it follows from the stage before`,
    );
}
