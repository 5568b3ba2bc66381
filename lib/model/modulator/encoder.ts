import { z } from "zod";
import { below, type Place } from "../../nn";
import { mlpOptions, planMlp, type VectorPlan } from "../../nn/mlp";

/** Options of the network that the behaviour goes through first. */
export const encoderOptions = z.strictObject({
  type: z.literal("mlp").default("mlp"),
  ...mlpOptions,
  dims: mlpOptions.dims.default([64, 64]),
  residual: mlpOptions.residual.default(true),
  dropout: z.literal(0, { error: "dropout is not available yet; use 0" }).default(0),
});

/** Behaviour `[B, V]` → `[B, dims.at(-1)]`. */
export function planEncoder(
  behaviors: number,
  { type: _, dropout: __, ...options }: z.output<typeof encoderOptions>,
  at: Place,
): VectorPlan {
  return planMlp(behaviors, options, below(at, "encoder_params"));
}
