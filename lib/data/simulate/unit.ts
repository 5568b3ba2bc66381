import type { Random } from "../../base/random";
import type { Gabor } from "./gabor";

/** The ground truth of a simulated unit. */
export interface UnitTruth extends Gabor {
  cid: number;
  /** Simple units respond to one phase, complex ones to all. */
  kind: "simple" | "complex";
  /** The weight of the frame at each lag, lag 0 first; norm 1. */
  temporalKernel: number[];
  /** The spikes per second without drive. */
  baseline: number;
  /** The spikes per second that full drive adds to the baseline. */
  gain: number;
  /** The strength of divisive normalisation by the contrast around the receptive field; 0 disables it. */
  normalisation: number;
  /** The slope of the log rate on the animal's arousal. */
  arousal: number;
  /** The depth of the suppression after a saccade lands, 0 to 1; a rebound of half this depth follows. */
  saccade: number;
  /** The ratio of the gain at the end of the session to that at its start. */
  drift: number;
}

const TAPS = 8;

/**
 * Draws a unit: mostly complex cells, receptive fields in the middle of the frame, all orientations.
 *
 * @param size the side of a frame in pixels; receptive fields scale with it
 */
export function randomUnit(cid: number, size: number, random: Random): UnitTruth {
  const wavelength = random.uniform(0.26, 0.42) * size;
  return {
    cid,
    kind: random.uniform() < 0.5 ? "complex" : "simple",
    y: random.uniform(-0.18, 0.18) * size,
    x: random.uniform(-0.18, 0.18) * size,
    orientation: random.uniform(0, Math.PI),
    wavelength,
    phase: random.uniform(0, 2 * Math.PI),
    sigma: random.uniform(0.32, 0.42) * wavelength,
    temporalKernel: temporalKernel(random.uniform(0.8, 1.1), random.uniform(0.3, 0.7)),
    baseline: random.uniform(0.3, 1.5),
    gain: random.uniform(90, 200),
    normalisation: random.uniform(0.5, 1.5),
    arousal: random.uniform(0.05, 0.2),
    saccade: random.uniform(0, 0.4),
    drift: random.uniform() < 0.3 ? random.uniform(0.7, 1.4) : 1,
  };
}

/**
 * Returns a difference of two gamma functions: a response after about 40 ms, followed by a weaker opposite one (DeAngelis, Ohzawa &
 * Freeman 1993).
 *
 * @param tau the time constant in frames; the peak is at 4 tau
 * @param negative the weight of the second phase
 */
function temporalKernel(tau: number, negative: number): number[] {
  const gamma = (lag: number, scale: number) => (lag / scale) ** 4 * Math.exp(-lag / scale);
  const taps = Array.from({ length: TAPS }, (_, lag) => gamma(lag, tau) - negative * gamma(lag, 1.6 * tau));
  const norm = Math.hypot(...taps);
  return taps.map((tap) => tap / norm);
}
