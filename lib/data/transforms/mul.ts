import { z } from "zod";
import { transform } from "./transform";

/** A number, or `{factor}`. */
const options = z.union([z.number(), z.strictObject({ factor: z.number() })], {
  error: "must be a number, or {factor: number}",
});

/** Multiplies by a number. */
export const mul = transform(options, ({ shape, values }, given) => {
  const factor = typeof given === "number" ? given : given.factor;
  return { shape, values: values.map((x) => x * factor) };
});
