import { z } from "zod";
import { adaptationKernels, adaptationOptions, LEAST_DIVISOR } from "../../base/dsp/adaptation";
import { basisOptions, raisedCosines } from "../../base/dsp/raised-cosines";
import { onChannels } from "../movie-layout";
import { type Covariate, strides } from "../session";
import { axisOf, problemOf, transform } from "./transform";

/**
 * Applies filters over time to each column of a covariate, `y[t] = sum_l filter[l] x[source(t, l)]`; missing frames count as 0.
 *
 * @param filters the taps of each filter
 * @param source returns the input frame of tap l at output frame t
 * @returns the results, with the filters of a column adjacent: `[T, ..., V * filters]`
 */
function filteredOverTime(
  { shape, values }: Covariate,
  filters: readonly (readonly number[])[],
  source: (t: number, tap: number) => number,
): Covariate {
  const { length: frames, inner: columns } = strides(shape, 0);
  const count = filters.length;
  const out = new Float32Array(frames * columns * count);
  filters.forEach((filter, f) => {
    for (let t = 0; t < frames; t++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let tap = 0; tap < filter.length; tap++) {
          const from = source(t, tap);
          if (from >= 0 && from < frames) sum += filter[tap]! * values[from * columns + c]!;
        }
        out[(t * columns + c) * count + f] = sum;
      }
    }
  });
  const last = shape.length > 1 ? [...shape.slice(0, -1), shape.at(-1)! * count] : [frames, count];
  return { shape: last, values: out };
}

/**
 * Applies the dynamical adaptation of cones (Clark et al. 2013), `alpha y / (1 + beta z)`, with a fast and a slow response to the past,
 * and zeros before the first frame. The result has an additional last axis for channels: `[T, ...]` → `[T, ..., 1]`.
 */
export const dacones = transform(adaptationOptions, (x, options) => {
  const { fast, slow } = adaptationKernels(options);
  const past = (t: number, lag: number) => t - lag;
  const y = filteredOverTime(x, [fast], past).values;
  const z = filteredOverTime(x, [slow], past).values;
  const beta = Math.max(0, options.beta);
  const adapted = y.map((response, i) => {
    return (options.alpha * response) / Math.max(1 + beta * z[i]!, LEAST_DIVISOR);
  });
  return { shape: [...x.shape, 1], values: adapted };
});

const diffOptions = z.strictObject({
  /** Negative ones count from the last. */
  axis: z.int().default(0),
});

/**
 * Computes differences between neighbours. The first value is repeated at the start, so that the length is unchanged and the first
 * difference is 0.
 */
export const diff = transform(diffOptions, ({ shape, values }, { axis }, context) => {
  const { length, inner } = strides(shape, axisOf(axis, shape.length, context));
  const first = (i: number) => Math.floor(i / inner) % length === 0;
  return { shape, values: values.map((x, i) => (first(i) ? 0 : x - values[i - inner]!)) };
});

const sigma = z.number().positive();
const smoothOptions = z.strictObject({
  type: z.literal("gaussian").default("gaussian"),
  /** The standard deviation in frames, or `{sigma}`. */
  params: z.union([sigma, z.strictObject({ sigma })], {
    error: "must be sigma in frames, a number over 0, or {sigma: number}",
  }),
});

/** Smooths over time with a Gaussian of about 6 sigma taps (an odd number). The ends are reflected without repeating the last value. */
export const smooth = transform(smoothOptions, (x, { params }, context) => {
  const kernel = gaussian(typeof params === "number" ? params : params.sigma);
  const half = (kernel.length - 1) / 2;
  const last = x.shape[0]! - 1;
  if (half > last)
    throw problemOf(
      context,
      `its ${kernel.length} taps need more than ${half} frames; the recording has ${last + 1}`,
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

const temporalBasisOptions = z.strictObject({
  ...basisOptions,
  /** Whether filters use only the past, instead of the past and the future equally. */
  causal: z.boolean().default(true),
  /** Whether each function's results, of all columns, are normalised over the recording to mean 0 and variance 1. */
  batch_norm: z.boolean().default(false),
});

/** Added to variances, as by PyTorch's batch norm. */
const EPS = 1e-5;

/** Normalises each of `count` groups of columns, which alternate, to mean 0 and (biased) variance 1; in place. */
function normaliseColumns(values: Float32Array, count: number): void {
  const size = values.length / count;
  for (let f = 0; f < count; f++) {
    let [sum, squares] = [0, 0];
    for (let at = f; at < values.length; at += count) sum += values[at]!;
    const mean = sum / size;
    for (let at = f; at < values.length; at += count) squares += (values[at]! - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / size + EPS);
    for (let at = f; at < values.length; at += count) values[at] = (values[at]! - mean) * scale;
  }
}

/**
 * Applies a bank of raised cosines over time to each column: output column `v * functions + b`. The columns of a movie are its channels.
 * The recording is surrounded by zeros.
 */
export const temporalBasis = transform(temporalBasisOptions, (x, o, context) => {
  const basis = raisedCosines(o);
  if (basis.length === 0)
    throw problemOf(context, "has no functions; num_cosine_funcs or num_delta_funcs must be over 0");
  const half = Math.floor((o.history_bins + 1) / 2);
  const source = o.causal ? (t: number, lag: number) => t - lag : (t: number, lag: number) => t + lag - half;
  const embed = (columns: Covariate) => {
    const embedded = filteredOverTime(columns, basis, source);
    if (o.batch_norm) normaliseColumns(embedded.values, basis.length);
    return embedded;
  };
  return (context.frame && onChannels(x, context.frame, embed)) ?? embed(x);
});
