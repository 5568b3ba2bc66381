import { z } from "zod";
import type { Random } from "../../base/random";
import { tf } from "../../engine";
import { below, component, problemAt, SAME_PLACE, type VideoShape } from "../../nn";
import { trim } from "../../nn/conv/valid";
import { type Initializer, uniformByFanIn } from "../../nn/initializers";
import { kernel, kernelOptions } from "../../nn/kernel";
import type { PlannedFrontend } from "../stages";
import { LEAST_SIZE, splitFrames } from "./low-pass";

/** The properties that determine an initial temporal kernel. */
export interface TemporalKernelOptions {
  taps: number;
  channels: number;
  /** Frames per second. */
  samplingRate: number;
}

/** Returns one series of taps per channel, oldest first: the last tap applies to the newest frame. */
type Series = (options: TemporalKernelOptions, random: Random) => number[][];

/** The initial temporal kernels by `init_type`. */
const TEMPORAL_KERNELS = {
  gaussian_derivatives: gaussianDerivatives,
  biphasic,
  /** The newest frame itself. */
  identity: ({ taps, channels }) => repeat(channels, Array(taps).fill(0).with(-1, 1)),
  random: ({ taps, channels }, random) =>
    Array.from({ length: channels }, () => [...uniformByFanIn(taps)([taps], random)]),
} as const satisfies Record<string, Series>;

/** Returns a Gaussian (sigma is a sixth of the taps) and its first two derivatives, then noise with that envelope; each with unit norm. */
function gaussianDerivatives({ taps, channels }: TemporalKernelOptions, random: Random): number[][] {
  const sigma = taps / 6;
  const shapes = [
    () => 1,
    (t: number) => -t / sigma ** 2,
    (t: number) => (t ** 2 / sigma ** 2 - 1) / sigma ** 2,
  ];
  return Array.from({ length: channels }, (_, channel) => {
    const shape = shapes[channel] ?? (() => random.normal());
    const series = Array.from({ length: taps }, (_, i) => {
      const t = i - (taps - 1) / 2;
      return shape(t) * Math.exp(-0.5 * (t / sigma) ** 2);
    });
    // With a single tap, at the centre, the first derivative is 0.
    const norm = Math.hypot(...series) || 1;
    return series.map((value) => value / norm);
  });
}

/**
 * Returns a difference of two gamma functions of the lag, `g(8 ms) - 0.9 g(22 ms)` with `g = lag exp(-lag / tau) / tau²`, with mean 0 and
 * a positive part of sum 1.
 */
function biphasic({ taps, channels, samplingRate }: TemporalKernelOptions): number[][] {
  const gamma = (lag: number, tau: number) => (lag * Math.exp(-lag / tau)) / tau ** 2;
  const byLag = Array.from({ length: taps }, (_, i) => {
    const lag = i / samplingRate;
    return gamma(lag, 0.008) - 0.9 * gamma(lag, 0.022);
  });
  const mean = byLag.reduce((a, b) => a + b, 0) / taps;
  const centred = byLag.map((value) => value - mean);
  const positive = centred.reduce((sum, value) => sum + Math.max(0, value), 0) || 1;
  return repeat(channels, centred.map((value) => value / positive).reverse());
}

function repeat(channels: number, series: number[]): number[][] {
  return Array.from({ length: channels }, () => series);
}

const options = z.strictObject({
  kernel_size: z.int().positive().default(16),
  num_channels: z.int().positive().default(6),
  init_type: z
    .enum(Object.keys(TEMPORAL_KERNELS) as [keyof typeof TEMPORAL_KERNELS])
    .default("gaussian_derivatives"),
  /** Always causal: no later frame is used, and nothing is padded. */
  causal: z.literal(true).default(true),
  /** Whether half of the channels filter each frame's residual and the others its low-pass. */
  split_MP: z.boolean().default(false),
  bias: z.boolean().default(false),
  sampling_rate: z.number().positive().default(120),
  ...kernelOptions,
});

/**
 * Applies learned temporal filters, the same for every pixel: a valid `kernel_size × 1 × 1` convolution from one channel to
 * `num_channels`. The initial kernels also apply under window and weight norm. With `split_MP`, the first half of the channels filters
 * each frame's residual, the second half its low-pass.
 */
export const learnableTemporal = component(options, (o, at, input: VideoShape): PlannedFrontend => {
  const { kernel_size: taps, num_channels: channels } = o;
  if (input.channels !== 1)
    throw problemAt(
      at,
      `takes one channel, but its input has ${input.channels}; use the frontend conv, or none`,
    );
  if (taps > input.time)
    throw problemAt(
      below(at, "kernel_size"),
      `${taps} taps are more than the ${input.time} lags; make it smaller or give the model more lags`,
    );
  if (o.split_MP && channels % 2 !== 0)
    throw problemAt(
      below(at, "num_channels"),
      `is ${channels}, but split_MP divides the channels in half; use an even number, or set split_MP: false`,
    );
  if (o.split_MP && Math.min(input.height, input.width) < LEAST_SIZE)
    throw problemAt(
      below(at, "split_MP"),
      `needs frames of ${LEAST_SIZE} × ${LEAST_SIZE} pixels at least; they are ${input.height} × ${input.width}: set split_MP: false`,
    );
  const time = input.time - taps + 1;
  // Both halves start with the same series.
  const series = o.split_MP ? channels / 2 : channels;
  const initial: Initializer = (_, random) => {
    const { init_type, sampling_rate: samplingRate } = o;
    const drawn = TEMPORAL_KERNELS[init_type]({ taps, channels: series, samplingRate }, random);
    return Float32Array.from(
      { length: taps * channels },
      (_, i) => drawn[(i % channels) % series]![Math.floor(i / channels)]!,
    );
  };
  const made = kernel([taps, 1, 1, 1, channels], o, initial);
  const weights = [
    ...made.weights,
    ...(o.bias ? [{ name: "bias", shape: [channels], initial: uniformByFanIn(taps) }] : []),
  ];
  const planned = (frames: number): PlannedFrontend => ({
    output: { ...input, time: frames, channels },
    weights: weights.map((w) => ({ ...w, name: `temporal_conv.${w.name}` })),
    flops: 2 * taps * channels * frames * input.height * input.width,
    geometry: SAME_PLACE,
    apply: (x, get) => {
      const weight = (name: string) => get(`temporal_conv.${name}`);
      const [seen, live] = [trim(x, made.deadTaps), made.live(weight)];
      const y = o.split_MP ? convolveHalves(seen, live) : tf.conv3d(seen, live, 1, "valid");
      return o.bias ? tf.add(y, weight("bias")) : y;
    },
    temporalKernels: (get) =>
      tf.reshape(
        made.effective((name) => get(`temporal_conv.${name}`)),
        [taps, channels],
      ),
    newest: (newest) => ({ plan: planned(newest), needs: newest + taps - 1 }),
  });
  return planned(time);
});

/** Applies the first half of the kernels to the residual, the second to the low-pass. */
function convolveHalves(x: tf.Tensor5D, kernels: tf.Tensor5D): tf.Tensor5D {
  const { residual, low } = splitFrames(x);
  const [ofResidual, ofLow] = tf.split<tf.Tensor5D>(kernels, 2, 4);
  return tf.concat([tf.conv3d(residual, ofResidual!, 1, "valid"), tf.conv3d(low, ofLow!, 1, "valid")], 4);
}
