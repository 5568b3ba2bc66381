import { z } from "zod";
import { below, type Place } from "../../nn";
import type { VectorPlan } from "../../nn/dense";
import { mlpOptions, planMlp } from "../../nn/mlp";

/** Options of the network that encodes the behaviour. */
export const encoderOptions = z.strictObject({
  type: z.literal("mlp").default("mlp"),
  ...mlpOptions,
  dims: mlpOptions.dims.default([64, 64]),
  residual: mlpOptions.residual.default(true),
});

/** Plans the encoder from behaviour `[B, V]` → `[B, dims.at(-1)]`. */
export function planEncoder(
  behaviors: number,
  { type: _, ...options }: z.output<typeof encoderOptions>,
  at: Place,
): VectorPlan {
  return planMlp(behaviors, options, below(at, "encoder_params"));
}
