import { tf } from "../../engine";
import {
  below,
  componentOf,
  type Mode,
  type Place,
  scoped,
  sessionWeights,
  type WeightSpec,
  type Weights,
} from "../../nn";
import { histories } from "./index";

/** The spike histories of all sessions, applied to the whole batch at once. Parameters: `{session}.{name}`. */
export interface PlannedHistories {
  readonly lags: number;
  readonly weights: readonly WeightSpec[];
  readonly flops: number;
  /**
   * @param history_BLN oldest bin first, never the predicted one; 0 where a unit does not belong to the sample's session
   * @returns `[B, N]`, the values to add to the readouts
   */
  apply(history_BLN: tf.Tensor3D, weights: Weights, mode: Mode): tf.Tensor2D;
}

/** Plans one encoder for each session. @throws ConfigError for an unknown type or option */
export function planHistories(
  { type, params }: { type: string; params: unknown },
  units: readonly number[],
  typeAt: Place,
  at: Place,
): PlannedHistories {
  const encoder = componentOf(histories, type, typeAt);
  // Each session has a separate place, because random numbers depend on the place.
  const plans = units.map((n, session) => encoder.plan(params, session === 0 ? at : below(at, session), n));
  const { lags } = plans[0]!;
  return {
    lags,
    weights: plans.flatMap((plan, session) => sessionWeights(session, plan.weights)),
    flops: plans.reduce((sum, plan) => sum + plan.flops, 0),
    apply: (history, weights, mode) => {
      const batch = history.shape[0];
      const own = tf.split(history, [...units], 2);
      const added = plans.map((plan, session) => {
        const flat = tf.reshape(own[session]!, [batch, lags * units[session]!]) as tf.Tensor2D;
        return plan.apply(flat, scoped(weights, String(session)), mode);
      });
      return tf.concat(added, 1);
    },
  };
}
