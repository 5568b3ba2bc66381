import type { Random } from "../../base/random";
import type { Gabor } from "./gabor";

/** All there is to know of a simulated unit. */
export interface UnitTruth extends Gabor {
  cid: number;
  /** Simple units answer to one phase, complex ones to all. */
  kind: "simple" | "complex";
  /** Weight of the frame `lag` frames ago, lag 0 first; length 1. */
  temporalKernel: number[];
  /** Spikes per second without any drive. */
  baseline: number;
  /** Spikes per second that full drive adds to the baseline. */
  gain: number;
  /** How strongly the contrast around the receptive field divides the answer; 0 is not at all. */
  normalisation: number;
  /** Exponent's slope on the animal's arousal. */
  arousal: number;
  /** Depth of the suppression after a saccade lands, 0 to 1; a rebound of half of it follows. */
  saccade: number;
  /** The gain at the end of the session over that at its start. */
  drift: number;
}

const TAPS = 8;

/**
 * Draws a unit: mostly complex cells, receptive fields in the middle of the frame, all orientations.
 *
 * @param size pixels of a frame's side; fields scale with it
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
 * A difference of two gamma functions: an answer some 40 ms later, and a weaker opposite one after it (DeAngelis, Ohzawa
 * & Freeman 1993).
 *
 * @param tau frames; the peak is at 4 tau
 * @param negative weight of the second phase
 */
function temporalKernel(tau: number, negative: number): number[] {
  const gamma = (lag: number, scale: number) => (lag / scale) ** 4 * Math.exp(-lag / scale);
  const taps = Array.from({ length: TAPS }, (_, lag) => gamma(lag, tau) - negative * gamma(lag, 1.6 * tau));
  const norm = Math.hypot(...taps);
  return taps.map((tap) => tap / norm);
}
