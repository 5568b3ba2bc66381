import { z } from "zod";
import { adaptationKernels, adaptationOptions, LEAST_DIVISOR } from "../../base/dsp/adaptation";
import { basisOptions, raisedCosines } from "../../base/dsp/raised-cosines";
import { tf } from "../../engine";
import { below, component, problemAt, SAME_PLACE, type VideoShape } from "../../nn";
import { newestFrames } from "../../nn/newest";
import { batch as batchNorm } from "../../nn/norm";
import { type Plan, plainPlan, prefixed, scoped } from "../../nn/plan";
import type { PlannedFrontend } from "../stages";

/** A matrix that maps the time series of one pixel to those of F filters: row `f * frames + t` is filter f at output frame t. */
export interface FilterBank {
  readonly filters: number;
  /** The number of output frames. */
  readonly frames: number;
  /** `[filters * frames, T]` */
  readonly matrix: tf.Tensor2D;
}

/**
 * Returns fixed filters over time as one matrix. A frame sequence is short, so the matrix omits the taps before its first frame.
 *
 * @param bank the taps of each filter
 * @param time T, the number of input frames, which are surrounded by zeros
 * @param tap the tap that maps input frame s to output frame t; a tap outside the filter is 0
 * @param first the first output frame to compute
 */
function filterBank(
  bank: readonly (readonly number[])[],
  time: number,
  tap: (t: number, s: number) => number,
  first = 0,
): FilterBank {
  const frames = time - first;
  const values = bank.flatMap((filter) =>
    Array.from({ length: frames * time }, (_, i) => filter[tap(first + Math.floor(i / time), i % time)] ?? 0),
  );
  const filters = bank.length;
  return { filters, frames, matrix: tf.tensor2d(values, [filters * frames, time]) };
}

/** The tap of a causal filter: tap l applies to the frame `l` frames earlier. */
const causal = (t: number, s: number) => t - s;

/** Applies the filters. Returns each filter's result, `[B, frames, P]`, where P is the number of values of a frame. */
function applyBank(x_BTHWC: tf.Tensor5D, { filters, matrix }: FilterBank): tf.Tensor3D[] {
  const [batch, time] = x_BTHWC.shape;
  const series = tf.reshape(x_BTHWC, [batch, time, -1]) as tf.Tensor3D;
  const seen = tf.matMul<tf.Tensor3D>(tf.expandDims<tf.Tensor3D>(matrix, 0), series);
  return tf.split(seen, filters, 1);
}

/**
 * Applies dynamical adaptation (Clark et al. 2013): a fast response divided by a slow one, `alpha y / (1 + beta z)`. Each response is the
 * input filtered by a causal kernel, with zeros before the first frame. It has no learned parameters.
 */
export const da = component(adaptationOptions, (o, _at, input: VideoShape): PlannedFrontend => {
  const { fast, slow } = adaptationKernels(o);
  const { height, width, channels } = input;
  /** Plans the newest `frames` output frames from `seen` input frames. */
  const planned = (frames: number, seen: number): PlannedFrontend => {
    const plan = plainPlan({ ...input, time: frames }, (x) => {
      const [y, z] = applyBank(x, filterBank([fast, slow], seen, causal, seen - frames));
      const divisor = tf.maximum(tf.add(tf.mul(z!, Math.max(0, o.beta)), 1), LEAST_DIVISOR);
      const response = tf.div(tf.mul(y!, o.alpha), divisor);
      return tf.reshape(response, [x.shape[0], frames, height, width, channels]);
    });
    return {
      ...plan,
      flops: 4 * frames * seen * height * width * channels,
      newest: (newest) => {
        const needs = Math.min(seen, newest + fast.length - 1);
        return { plan: planned(newest, needs), needs };
      },
    };
  };
  return planned(input.time, input.time);
});

const options = z.strictObject({
  ...basisOptions,
  /** Whether filters use only the past, instead of the past and the future equally. */
  causal: z.boolean().default(true),
  /** The number of frames removed at the start, where the basis extends beyond the first frame. */
  chomp: z.int().nonnegative().nullable().default(null),
  /**
   * Whether each function's results are normalised over the batch, all frames (before `chomp`), pixels and input channels, with a learned
   * gain and shift. Evaluation uses the running statistics.
   */
  batch_norm: z.boolean().default(false),
  sampling_rate: z.number().positive().default(240),
});

/** The name below which the weights of the basis's batch norm are stored. */
const NORM = "norm";

/** Normalises each of the basis's functions, `[B, frames, P, F]`, over everything else. */
function functionNorm(functions: number, frames: number, { height, width, channels }: VideoShape): Plan {
  const series = { time: frames, height: height * width * channels, width: 1, channels: functions };
  const plan = batchNorm.plan({}, { where: "temporal_basis", path: NORM }, series);
  return {
    ...plan,
    weights: prefixed(NORM, plan.weights),
    apply: (x, weights, mode) => plan.apply(x, scoped(weights, NORM), mode),
  };
}

/**
 * Applies a fixed bank of raised cosines over time, the same for every pixel; channels are `c * functions + b`. The only learned parameters
 * are those of `batch_norm`.
 */
export const temporalBasis = component(options, (o, at, input: VideoShape): PlannedFrontend => {
  const { time, height, width, channels } = input;
  const first = o.chomp ?? 0;
  if (first >= time)
    throw problemAt(
      below(at, "chomp"),
      `is ${first}, but a sample has only ${time} frames; make it smaller, or give the model more lags`,
    );
  const basis = raisedCosines(o);
  const functions = basis.length;
  if (functions === 0)
    throw problemAt(
      below(at, "num_cosine_funcs"),
      "is 0, and num_delta_funcs is 0, so the basis is empty; give at least one function",
    );
  const half = Math.floor((o.history_bins + 1) / 2);
  const centred = (t: number, s: number) => s - t + half;
  const norm = o.batch_norm ? functionNorm(functions, time, input) : undefined;
  /** Plans the newest `frames` output frames from `seen` input frames. */
  const planned = (frames: number, seen: number): PlannedFrontend => {
    const output = { height, width, time: frames, channels: channels * functions };
    // The statistics of a norm are those of all frames.
    const computed = norm ? seen : frames;
    const apply: PlannedFrontend["apply"] = (x, weights, mode) => {
      const bank = filterBank(basis, seen, o.causal ? causal : centred, seen - computed);
      const filtered = tf.stack(applyBank(x, bank), 3);
      const pixels = height * width * channels;
      const series = tf.reshape(filtered, [x.shape[0], computed, pixels, 1, functions]) as tf.Tensor5D;
      const normed = norm ? norm.apply(series, weights, mode) : series;
      const video = tf.reshape(normed, [x.shape[0], computed, height, width, output.channels]) as tf.Tensor5D;
      return newestFrames(video, frames);
    };
    return {
      output,
      apply,
      geometry: SAME_PLACE,
      weights: norm?.weights ?? [],
      flops: 2 * functions * computed * seen * height * width * channels,
      temporalKernels: () => tf.reverse(tf.transpose(tf.tensor2d(basis)), 0) as tf.Tensor2D,
      ...(norm
        ? {}
        : {
            newest: (newest: number) => {
              const needs = Math.min(seen, newest + (o.causal ? o.history_bins : half));
              return { plan: planned(newest, needs), needs };
            },
          }),
    };
  };
  return planned(time - first, time);
});
