import type { Random } from "../../base/random";
import { uniformByFanIn } from "../../nn/initializers";

export interface TemporalKernelOptions {
  taps: number;
  channels: number;
  /** Frames per second. */
  samplingRate: number;
}

/** Returns one series of taps per channel, oldest first: the last tap applies to the newest frame. */
type Series = (options: TemporalKernelOptions, random: Random) => number[][];

/** The initial temporal kernels by `init_type`. */
export const TEMPORAL_KERNELS = {
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
