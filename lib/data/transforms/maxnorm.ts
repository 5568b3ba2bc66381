import { z } from "zod";
import { transform } from "./transform";

/** Divides by the largest magnitude, `x / max|x|`; values that are all 0 are unchanged. */
export const maxnorm = transform(z.strictObject({}), ({ shape, values }) => {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  return { shape, values: values.map((x) => x / largest) };
});
