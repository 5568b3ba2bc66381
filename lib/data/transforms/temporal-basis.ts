import { z } from "zod";
import { basisOptions, raisedCosines } from "../../base/dsp/raised-cosines";
import { filteredOverTime } from "./over-time";
import { problemOf, transform } from "./transform";

const options = z.strictObject({
  ...basisOptions,
  /** Whether filters use only the past, instead of the past and the future equally. */
  causal: z.boolean().default(true),
});

/** Applies a bank of raised cosines over time to each column: output column `v * functions + b`. The recording is surrounded by zeros. */
export const temporalBasis = transform(options, (x, o, context) => {
  const basis = raisedCosines(o);
  if (basis.length === 0)
    throw problemOf(context, "has no functions; num_cosine_funcs or num_delta_funcs must be over 0");
  const half = Math.floor((o.history_bins + 1) / 2);
  return filteredOverTime(x, basis, o.causal ? (t, lag) => t - lag : (t, lag) => t + lag - half);
});
