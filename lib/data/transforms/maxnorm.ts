import { z } from "zod";
import { transform } from "./transform";

/** Divided by the largest magnitude of all, `x / max|x|`; what is 0 throughout stays so. */
export const maxnorm = transform(z.strictObject({}), ({ shape, values }) => {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  return { shape, values: values.map((x) => x / largest) };
});
