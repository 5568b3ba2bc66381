import { z } from "zod";
import { basisOptions, raisedCosines } from "../../base/dsp/raised-cosines";
import { filteredOverTime } from "./over-time";
import { problemOf, transform } from "./transform";

const options = z.strictObject({
  ...basisOptions,
  /** Sees the past only; otherwise as much of the future. */
  causal: z.boolean().default(true),
});

/** A bank of raised cosines over time for each column: column `v * functions + b`. Zeros around the recording. */
export const temporalBasis = transform(options, (x, o, context) => {
  const basis = raisedCosines(o);
  if (basis.length === 0)
    throw problemOf(context, "has no functions; num_cosine_funcs or num_delta_funcs must be over 0");
  const half = Math.floor((o.history_bins + 1) / 2);
  return filteredOverTime(x, basis, o.causal ? (t, lag) => t - lag : (t, lag) => t + lag - half);
});
