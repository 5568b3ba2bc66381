import { z } from "zod";
import { strides } from "../covariate";
import { axisOf, transform } from "./transform";

const options = z.strictObject({
  /** Negative ones count from the last. */
  axis: z.int().default(0),
});

/**
 * Computes differences between neighbours. The first value is repeated at the start, so that the length is unchanged and the first
 * difference is 0.
 */
export const diff = transform(options, ({ shape, values }, { axis }, context) => {
  const { length, inner } = strides(shape, axisOf(axis, shape.length, context));
  const first = (i: number) => Math.floor(i / inner) % length === 0;
  return { shape, values: values.map((x, i) => (first(i) ? 0 : x - values[i - inner]!)) };
});
