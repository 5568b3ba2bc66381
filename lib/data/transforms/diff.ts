import { z } from "zod";
import { strides } from "../covariate";
import { axisOf, transform } from "./transform";

const options = z.strictObject({
  /** Negative ones count from the last. */
  axis: z.int().default(0),
});

/** Differences between neighbours. The first value is repeated before it, so that the length stays and the first is 0. */
export const diff = transform(options, ({ shape, values }, { axis }, context) => {
  const { length, inner } = strides(shape, axisOf(axis, shape.length, context));
  const first = (i: number) => Math.floor(i / inner) % length === 0;
  return { shape, values: values.map((x, i) => (first(i) ? 0 : x - values[i - inner]!)) };
});
