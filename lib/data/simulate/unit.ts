import type { Random } from "../../base/random";

/** The ground truth of a simulated unit. */
export interface UnitTruth extends Gabor {
  cid: number;
  /** The channel of the stimulus that the unit sees. Default 0. */
  channel?: number;
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

/** A Gabor function on pixels; positions from the frame's centre, angles in radians. */
export interface Gabor {
  y: number;
  x: number;
  orientation: number;
  /** The wavelength in pixels. */
  wavelength: number;
  phase: number;
  /** The standard deviation of the envelope in pixels. */
  sigma: number;
}

/** Adds `amplitude` times the Gabor to a `[size, size]` frame. */
export function addGabor(frame: Float32Array, size: number, gabor: Gabor, amplitude = 1): void {
  const { orientation, wavelength, phase, sigma } = gabor;
  const centre = (size - 1) / 2;
  const [cos, sin] = [Math.cos(orientation), Math.sin(orientation)];
  const reach = Math.ceil(3 * sigma);
  const range = (at: number) => [
    Math.max(0, Math.floor(centre + at - reach)),
    Math.min(size - 1, centre + at + reach),
  ];
  const [[top, bottom], [left, right]] = [range(gabor.y), range(gabor.x)] as [number[], number[]];
  for (let row = top!; row <= bottom!; row++) {
    for (let column = left!; column <= right!; column++) {
      const [dy, dx] = [row - centre - gabor.y, column - centre - gabor.x];
      const envelope = Math.exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
      const wave = Math.cos((2 * Math.PI * (dx * cos + dy * sin)) / wavelength + phase);
      frame[row * size + column]! += amplitude * envelope * wave;
    }
  }
}

/** Returns the Gabor as a filter with mean 0 (no response to uniform light) and norm 1. */
export function gaborFilter(size: number, gabor: Gabor): Float32Array {
  const filter = new Float32Array(size * size);
  addGabor(filter, size, gabor);
  const mean = filter.reduce((a, b) => a + b, 0) / filter.length;
  const centred = filter.map((value) => value - mean);
  const norm = Math.sqrt(centred.reduce((a, b) => a + b * b, 0));
  return centred.map((value) => value / norm);
}

/** The time constant of arousal in frames. */
const AROUSAL_FRAMES = 600;

/** Simulates slow changes of the animal's state, mean 0 and standard deviation 1 (an Ornstein-Uhlenbeck process), `[frames]`. */
export function arousal(frames: number, random: Random): Float32Array {
  const keep = Math.exp(-1 / AROUSAL_FRAMES);
  const kick = Math.sqrt(1 - keep ** 2);
  let state = random.normal();
  return Float32Array.from({ length: frames }, () => (state = keep * state + kick * random.normal()));
}

/**
 * Returns the effect of saccades on a rate, as a factor without the depth of each unit: -1 right after landing, then a rebound of +1/2 at
 * about 120 ms, and 0 elsewhere (after Reppas, Usrey & Reid 2002), `[frames]`.
 */
export function saccadeEffect(
  frames: number,
  landings: readonly number[],
  samplingRate: number,
): Float32Array {
  const effect = new Float32Array(frames);
  for (const landing of landings) {
    for (let t = landing; t < Math.min(frames, landing + 0.3 * samplingRate); t++) {
      const seconds = (t - landing) / samplingRate;
      effect[t]! += -Math.exp(-((seconds / 0.035) ** 2)) + 0.5 * Math.exp(-(((seconds - 0.12) / 0.04) ** 2));
    }
  }
  return effect;
}
