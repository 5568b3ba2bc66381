import { z } from "zod";
import { filteredOverTime } from "./over-time";
import { problemOf, transform } from "./transform";

const sigma = z.number().positive();
const options = z.strictObject({
  type: z.literal("gaussian").default("gaussian"),
  /** The standard deviation in frames, or `{sigma}`. */
  params: z.union([sigma, z.strictObject({ sigma })], {
    error: "must be sigma in frames, a number over 0, or {sigma: number}",
  }),
});

/** Smooths over time with a Gaussian of about 6 sigma taps (an odd number). The ends are reflected without repeating the last value. */
export const smooth = transform(options, (x, { params }, context) => {
  const kernel = gaussian(typeof params === "number" ? params : params.sigma);
  const half = (kernel.length - 1) / 2;
  const last = x.shape[0]! - 1;
  if (half > last)
    throw problemOf(
      context,
      `its ${kernel.length} taps need more than ${half} frames; there are ${last + 1}`,
    );
  return filteredOverTime(x, [kernel], (t, tap) => {
    const from = Math.abs(t + tap - half);
    return from > last ? 2 * last - from : from;
  });
});

function gaussian(sigma: number): number[] {
  const taps = Math.trunc(6 * sigma) + 1;
  const half = Math.floor(taps / 2);
  const values = Array.from({ length: 2 * half + 1 }, (_, i) => Math.exp(-0.5 * ((i - half) / sigma) ** 2));
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}
