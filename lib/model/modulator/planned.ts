import { z } from "zod";
import type { tf } from "../../engine";
import { below, type Mode, type Place, type PlanFacts, problemAt, type Weights } from "../../nn";
import type { Newest } from "../../nn/newest";

/** What a modulator passes on. */
export interface Modulated {
  readonly features: tf.Tensor5D;
  /** Of each sample, what the modulator is to make small for its own sake, `[B]`; times `lambda_pred` in the loss. */
  readonly auxiliary?: tf.Tensor1D;
}

/** A modulator: features and what the animal does → features. V is the number of behaviour variables. */
export interface PlannedModulator extends PlanFacts {
  /** @param behavior_BV `[B, V]`; a modulator that is there throws without it */
  apply(x_BTHWC: tf.Tensor5D, behavior_BV: tf.Tensor2D | undefined, weights: Weights, mode: Mode): Modulated;
  /** Restricts the modulator to its newest output frames; absent where every output depends on all frames. */
  newest?(frames: number): Newest<PlannedModulator>;
}

/** Options of every modulator. */
export const behaviorOptions = {
  /** V, the variables of one sample's `behavior`. */
  behavior_dim: z.int().positive(),
  /** The channels that reach it. They follow from the stage before; given, they must agree. */
  feature_dim: z.int().positive().optional(),
};

/**
 * Compares what a modulator was configured for with what reaches it.
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
