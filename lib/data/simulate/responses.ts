import { gaborFilter, type UnitTruth } from "./unit";

/** The movie and state of one trial, which determine the units' responses. */
export interface TrialInput {
  frames: number;
  size: number;
  /** The channel of the actual stimulus on the retina that the unit sees, `[frames, size, size]`. */
  stim: Uint8Array;
  /** `[frames]` each. */
  arousal: Float32Array;
  saccadeEffect: Float32Array;
  /** The share of the session that has passed, 0 to 1, `[frames]`. */
  progress: Float32Array;
}

/** The drive at which the response is half its maximum. */
export const SEMI_SATURATION = 0.9;

/** The time constant of the normalisation in seconds. */
export const NORMALISATION_SECONDS = 0.05;

/** The response model of a unit. Its filters are computed once. */
export class Responder {
  private readonly filters: Float32Array[];
  private readonly envelope: Float32Array;

  constructor(
    private readonly unit: UnitTruth,
    private readonly size: number,
    private readonly samplingRate: number,
  ) {
    const quadrature = { ...unit, phase: unit.phase + Math.PI / 2 };
    const gabors = unit.kind === "complex" ? [unit, quadrature] : [unit];
    this.filters = gabors.map((gabor) => gaborFilter(size, gabor));
    this.envelope = envelope(unit, size);
  }

  /** The channel of the stimulus that the unit sees. */
  get channel(): number {
    return this.unit.channel ?? 0;
  }

  /**
   * Computes the expected spikes per frame, `[frames]`:
   *
   *     d = Σ_phases max(0, k * (g . s))²  (complex: the energy of both phases, no rectification)
   *     rate = [baseline + gain d / (c² + d + w n)] exp(arousal) (1 + saccade effect) drift
   *
   * where s is the stimulus in contrast, g the Gabor, k the temporal kernel, and n the local contrast energy of the last 50 ms
   * (divisive normalisation: Heeger 1992).
   */
  rates({ frames, stim, arousal, saccadeEffect, progress }: TrialInput): Float32Array {
    const { unit, samplingRate } = this;
    const drives = this.filters.map((filter) =>
      convolve(this.project(stim, frames, filter), unit.temporalKernel),
    );
    const pool = smooth(this.localContrast(stim, frames), NORMALISATION_SECONDS * samplingRate);
    const depth = (t: number) => Math.max(0, 1 + unit.saccade * saccadeEffect[t]!);
    return Float32Array.from({ length: frames }, (_, t) => {
      const driven = drives.map(
        (drive) => (unit.kind === "complex" ? drive[t]! : Math.max(0, drive[t]!)) ** 2,
      );
      const d = driven.reduce((a, b) => a + b, 0);
      const answer = (unit.gain * d) / (SEMI_SATURATION ** 2 + d + unit.normalisation * pool[t]!);
      const state = Math.exp(unit.arousal * arousal[t]!) * depth(t) * (1 + (unit.drift - 1) * progress[t]!);
      return ((unit.baseline + answer) * state) / samplingRate;
    });
  }

  /** Returns the dot product of each frame, in contrast, with a filter, scaled by the filter's extent. */
  private project(stim: Uint8Array, frames: number, filter: Float32Array): Float32Array {
    const pixels = this.size ** 2;
    return Float32Array.from({ length: frames }, (_, t) => {
      let sum = 0;
      for (let p = 0, at = t * pixels; p < pixels; p++, at++) sum += filter[p]! * (stim[at]! - 127);
      return sum / 127 / this.unit.sigma;
    });
  }

  /** Returns the mean square contrast under the receptive field's envelope. */
  private localContrast(stim: Uint8Array, frames: number): Float32Array {
    const pixels = this.size ** 2;
    return Float32Array.from({ length: frames }, (_, t) => {
      let sum = 0;
      for (let p = 0, at = t * pixels; p < pixels; p++, at++)
        sum += this.envelope[p]! * ((stim[at]! - 127) / 127) ** 2;
      return sum;
    });
  }
}

/** Returns a Gaussian twice as wide as the receptive field, with sum 1. */
export function envelope({ y, x, sigma }: UnitTruth, size: number): Float32Array {
  const centre = (size - 1) / 2;
  const values = Float32Array.from({ length: size * size }, (_, p) => {
    const [dy, dx] = [Math.floor(p / size) - centre - y, (p % size) - centre - x];
    return Math.exp(-(dy * dy + dx * dx) / (2 * (2 * sigma) ** 2));
  });
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** Convolves causally, `y[t] = Σ kernel[lag] x[t - lag]`; the first frame is repeated before the start. */
function convolve(x: Float32Array, kernel: readonly number[]): Float32Array {
  return x.map((_, t) => kernel.reduce((sum, weight, lag) => sum + weight * x[Math.max(0, t - lag)]!, 0));
}

/** Returns the exponential average over the past with a time constant in frames. */
function smooth(x: Float32Array, tau: number): Float32Array {
  const keep = Math.exp(-1 / tau);
  let state = x[0]!;
  return x.map((value) => (state = keep * state + (1 - keep) * value));
}
