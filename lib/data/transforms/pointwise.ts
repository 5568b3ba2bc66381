import { z } from "zod";
import { chosenColumns, strides } from "../session";
import { axisOf, problemOf, transform } from "./transform";

const dtype = z.enum(["float32", "float16", "bfloat16", "int32", "uint8"]);
/** A type's name, or `{dtype}`. */
const castOptions = z.union([dtype, z.strictObject({ dtype })], {
  error: `must be one of: ${dtype.options.join(", ")}`,
});

/**
 * Rounds values to those that a type can represent: to nearest for floating-point types, towards 0 for integer types, and clamped to
 * 0..255 for uint8. Covariates remain stored as float32.
 */
export const cast = transform(castOptions, ({ shape, values }, given) => {
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

/** Divides by the largest magnitude, `x / max|x|`; values that are all 0 are unchanged. */
export const maxnorm = transform(z.strictObject({}), ({ shape, values }) => {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  return { shape, values: values.map((x) => x / largest) };
});

/** A number, or `{factor}`. */
const mulOptions = z.union([z.number(), z.strictObject({ factor: z.number() })], {
  error: "must be a number, or {factor: number}",
});

/** Multiplies by a number. */
export const mul = transform(mulOptions, ({ shape, values }, given) => {
  const factor = typeof given === "number" ? given : given.factor;
  return { shape, values: values.map((x) => x * factor) };
});

/** Maps bytes to about -0.5 .. 0.5: `(x - 127) / 255`. */
export const pixelnorm = transform(z.strictObject({}), ({ shape, values }) => ({
  shape,
  values: values.map((byte) => (byte - 127) / 255),
}));

/** Compresses large values and keeps signs: `sign(x) log(1 + |x|)`. */
export const symlog = transform(z.strictObject({}), ({ shape, values }) => ({
  shape,
  values: values.map((x) => Math.sign(x) * Math.log1p(Math.abs(x))),
}));

const splitreluOptions = z.strictObject({
  /** The axis that becomes twice as long; negative ones count from the last. */
  split_dim: z.int().default(1),
  /** Without effect, because nothing is trained in a transform. */
  trainable_gain: z.boolean().default(false),
});

/** Concatenates positive and negative parts: `[relu(x), relu(-x)]`. */
export const splitrelu = transform(splitreluOptions, ({ shape, values }, { split_dim }, context) => {
  const axis = axisOf(split_dim, shape.length, context);
  const { outer, length, inner } = strides(shape, axis);
  const block = length * inner;
  const split = new Float32Array(2 * values.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < block; i++) {
      const x = values[o * block + i]!;
      split[2 * o * block + i] = Math.max(x, 0);
      split[(2 * o + 1) * block + i] = Math.max(-x, 0);
    }
  }
  return { shape: shape.map((n, i) => (i === axis ? 2 * n : n)), values: split };
});

/** A position, or `{axis}`. */
const unsqueezeOptions = z.union([z.int(), z.strictObject({ axis: z.int().default(0) })], {
  error: "must be a position, or {axis: number}",
});

/** Inserts an axis of length 1 at this position of the result; negative positions count from the last. */
export const unsqueeze = transform(unsqueezeOptions, ({ shape, values }, given, context) => {
  const place = typeof given === "number" ? given : given.axis;
  const axis = axisOf(place, shape.length + 1, context);
  return { shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)], values };
});

const selectUnitsOptions = z.strictObject({
  /** Columns, or `cids`: those of the session's units. */
  indices: z.union([z.array(z.int().nonnegative()).min(1), z.literal("cids")], {
    error: 'must be a list of columns, or "cids"',
  }),
});

/** Selects columns of the last axis in the given order. */
export const selectUnits = transform(selectUnitsOptions, ({ shape, values }, { indices }, context) => {
  const from = shape.at(-1)!;
  const columns = indices === "cids" ? context.columns : indices;
  const bad = columns.find((column) => column >= from);
  if (shape.length < 2 || bad !== undefined)
    throw problemOf(context, `there is no column ${bad ?? columns[0]} in a covariate of shape [${shape}]`);
  return { shape: [...shape.slice(0, -1), columns.length], values: chosenColumns(values, from, columns) };
});
