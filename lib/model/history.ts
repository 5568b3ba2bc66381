import { z } from "zod";
import { tf } from "../engine";
import {
  below,
  type Component,
  component,
  type Mode,
  type Place,
  problemAt,
  scoped,
  type WeightSpec,
  type Weights,
} from "../nn";
import { componentOf } from "../nn/component";
import { dropoutRate } from "../nn/dropout";
import { type MlpOptions, planMlp } from "../nn/mlp";
import { sessionWeights } from "../nn/plan";
import type { PlannedHistory } from "./stages";
import type { UnitColumns } from "./unit-columns";

const options = z.strictObject({
  num_lags: z.int().positive().default(5),
  hidden_dims: z.array(z.int().positive()).default([32, 10]),
  act_type: z.string().nullable().default("relu"),
  act_params: z.record(z.string(), z.unknown()).nullish(),
  bias: z.boolean().default(true),
  /** Adds the input when the widths agree, which requires a single lag. */
  residual: z.boolean().default(false),
  /** The dropout rate after each hidden layer. */
  dropout: dropoutRate,
  output_activation: z.boolean().default(false),
  /** Divides every weight by its largest singular value. */
  spectral_norm: z.boolean().default(false),
});

/** Returns the options of the network of a session's units. */
export const networkOf = (
  { num_lags: _, hidden_dims, act_type, output_activation, ...rest }: z.output<typeof options>,
  units: number,
): MlpOptions => ({
  ...rest,
  dims: [...hidden_dims, units],
  activation: act_type,
  last_layer_activation: output_activation,
});

/** `num_lags * units → hidden_dims → units`. */
export const mlp = component(options, (o, at, units: number): PlannedHistory => {
  const { num_lags: lags, act_type } = o;
  const network = planMlp(lags * units, networkOf(o, units), at, "act_type");
  if (network.width !== units)
    throw problemAt(
      below(at, "output_activation"),
      `"${act_type}" makes ${network.width} values of ${units} units; use another act_type, or false`,
    );
  return { ...network, lags };
});

/** `history_encoder.type` → one session's encoder, for its number of units. */
export const histories: Record<string, Component<[units: number], PlannedHistory>> = { mlp };

/** The spike histories of all sessions. Each one is applied to the whole batch. Parameters: `{session}.{name}`. */
export interface PlannedHistories {
  readonly lags: number;
  readonly weights: readonly WeightSpec[];
  readonly flops: number;
  /**
   * @param history_BTL the counts of the columns' units in T bins, oldest first, never the predicted one
   * @returns `[B, L]`, the values to add to the readouts
   */
  apply(history_BTL: tf.Tensor3D, columns: UnitColumns, weights: Weights, mode: Mode): tf.Tensor2D;
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
    apply: (history, columns, weights, mode) => {
      const [batch] = history.shape;
      const parts = columns.split(history).map((own, session) => {
        const flat = tf.reshape(own, [batch, lags * units[session]!]) as tf.Tensor2D;
        const values = plans[session]!.apply(flat, scoped(weights, String(session)), mode);
        return { sessions: [session], values };
      });
      return columns.join(parts);
    },
  };
}
