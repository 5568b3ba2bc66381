import { z } from "zod";
import { below, component, problemAt } from "../../nn";
import { dropoutRate } from "../../nn/dropout";
import { planMlp } from "../../nn/mlp";
import type { PlannedHistory } from "./planned";

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

/** `num_lags * units → hidden_dims → units`. */
export const mlp = component(options, (o, at, units: number): PlannedHistory => {
  const { num_lags: lags, hidden_dims, act_type, output_activation, ...rest } = o;
  const network = planMlp(
    lags * units,
    {
      ...rest,
      dims: [...hidden_dims, units],
      activation: act_type,
      last_layer_activation: output_activation,
    },
    at,
    "act_type",
  );
  if (network.width !== units)
    throw problemAt(
      below(at, "output_activation"),
      `"${act_type}" makes ${network.width} values of ${units} units; use another act_type, or false`,
    );
  return { ...network, lags };
});
