import { z } from "zod";
import { transform } from "./transform";

const dtype = z.enum(["float32", "float16", "bfloat16", "int32", "uint8"]);
/** A type's name, or `{dtype}`. */
const options = z.union([dtype, z.strictObject({ dtype })], {
  error: `must be one of: ${dtype.options.join(", ")}`,
});

/**
 * Rounds values to those that a type can represent: to nearest for floating-point types, towards 0 for integer types, and clamped to
 * 0..255 for uint8. Covariates remain stored as float32.
 */
export const cast = transform(options, ({ shape, values }, given) => {
  const to = CASTS[typeof given === "string" ? given : given.dtype];
  return { shape, values: values.map((x) => to(x)) };
});

const CASTS: Readonly<Record<z.output<typeof dtype>, (x: number) => number>> = {
  float32: (x) => x,
  // 11 significant bits, the least of them 2^-24; from 65520 on, infinity.
  float16: (x) => (Math.abs(x) >= 65520 ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded(x, 11, -24)),
  bfloat16: (x) => rounded(x, 8, -133),
  int32: Math.trunc,
  uint8: (x) => Math.min(255, Math.max(0, Math.trunc(x))),
};

/** Rounds to a number of significant bits, ties to even. */
function rounded(x: number, bits: number, least: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const step = 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) + 1 - bits, least);
  const steps = x / step;
  const whole = Math.round(steps);
  const half = Math.abs(steps % 1) === 0.5;
  return (half && whole % 2 !== 0 ? whole - 1 : whole) * step;
}
