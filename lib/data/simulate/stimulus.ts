import type { Random } from "../../base/random";
import { type EyeTrace, eyeTrace } from "./eye";
import { addGabor } from "./unit";

/** A square gray image with values around 0 and standard deviation 1. */
export interface Image {
  size: number;
  values: Float32Array;
}

/**
 * Draws an image whose amplitude spectrum falls as 1/f, like that of natural images (Field 1987): octaves of smooth noise with equal
 * contrast, each twice as coarse as the one before.
 */
export function pinkImage(size: number, random: Random): Image {
  const values = new Float32Array(size * size);
  for (let grain = 1; grain <= size / 4; grain *= 2) {
    const cells = Math.ceil(size / grain) + 2;
    const noise = Float32Array.from({ length: cells * cells }, () => random.normal());
    // The grid's offset is random, so that octaves do not share edges.
    const [shiftY, shiftX] = [random.uniform(), random.uniform()];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        values[y * size + x]! += bilinear(noise, cells, y / grain + shiftY, x / grain + shiftX);
      }
    }
  }
  return standardised({ size, values });
}

/**
 * Draws a dead leaves image (Lee, Mumford & Huang 2001): discs of random gray that occlude each other, with radii distributed as r^-3,
 * which yields the edges and scale invariance of natural images.
 */
export function deadLeavesImage(size: number, random: Random): Image {
  const values = new Float32Array(size * size).fill(Number.NaN);
  const [smallest, largest] = [2, size / 4];
  let bare = size * size;
  // From front to back: a pixel keeps the first disc that covers it.
  for (let disc = 0; disc < 8000 && bare > 0; disc++) {
    const u = random.uniform();
    const radius = 1 / Math.sqrt(u / smallest ** 2 + (1 - u) / largest ** 2);
    const [cy, cx, gray] = [random.uniform(0, size), random.uniform(0, size), random.uniform(-1, 1)];
    for (let y = Math.max(0, Math.ceil(cy - radius)); y < Math.min(size, cy + radius); y++) {
      const half = Math.sqrt(radius ** 2 - (y - cy) ** 2);
      for (let x = Math.max(0, Math.ceil(cx - half)); x < Math.min(size, cx + half); x++) {
        if (!Number.isNaN(values[y * size + x])) continue;
        values[y * size + x] = gray;
        bare--;
      }
    }
  }
  return standardised({ size, values: values.map((value) => (Number.isNaN(value) ? 0 : value)) });
}

/** Interpolates between pixels. */
export function bilinear(values: Float32Array, width: number, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [v, u] = [y - top, x - left];
  const at = top * width + left;
  const upper = values[at]! * (1 - u) + values[at + 1]! * u;
  const lower = values[at + width]! * (1 - u) + values[at + width + 1]! * u;
  return upper * (1 - v) + lower * v;
}

function standardised({ size, values }: Image): Image {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { size, values: values.map((value) => (value - mean) / deviation) };
}

/** The movie of one trial as the eye saw it. */
export interface TrialStimulus {
  /** `[frames, size, size]`. */
  stim: Uint8Array;
  eye: EyeTrace;
  /** Returns the movie reconstructed from a measured gaze, which may be wrong. */
  seenFrom(eye: Pick<EyeTrace, "y" | "x">): Uint8Array;
}

/** The type of a simulated stimulus. */
export type StimulusType = "backimage" | "gaborium";

/** The number of gray levels of one standard deviation; the mean is 127. */
const CONTRAST = 48;
/** The side of a picture in pixels. */
const PICTURE = 160;
/** The number of simultaneous Gabors, and the number of frames until they change. */
const GABORIUM = { gabors: 7, frames: 2 };

/** Shows pictures with natural statistics under a moving eye, with a new one in each trial. */
function backimage(frames: number, size: number, random: Random): TrialStimulus {
  const picture = random.uniform() < 0.5 ? pinkImage(PICTURE, random) : deadLeavesImage(PICTURE, random);
  const eye = eyeTrace(frames, PICTURE, size / 2 + 2, 0.6, random);
  const seenFrom = ({ y, x }: Pick<EyeTrace, "y" | "x">) => windowMovie(picture, size, y, x);
  return { stim: seenFrom(eye), eye, seenFrom };
}

/** Shows noise of Gabors of all positions, orientations and sizes, which follows the gaze. */
function gaborium(frames: number, size: number, random: Random): TrialStimulus {
  const stim = new Uint8Array(frames * size * size);
  let frame = new Float32Array(size * size);
  for (let t = 0; t < frames; t++) {
    if (t % GABORIUM.frames === 0) {
      frame = new Float32Array(size * size);
      for (let g = 0; g < GABORIUM.gabors; g++)
        addGabor(frame, size, randomGabor(size, random), random.uniform(1, 3));
    }
    stim.set(frame.map(gray), t * size * size);
  }
  // The noise follows the gaze, so a wrong gaze gives the same movie.
  return { stim, eye: eyeTrace(frames, PICTURE, size / 2 + 2, 0.1, random), seenFrom: () => stim };
}

/** The functions that show each type of stimulus. */
export const STIMULI: Record<StimulusType, (frames: number, size: number, random: Random) => TrialStimulus> =
  {
    backimage,
    gaborium,
  };

function windowMovie(
  { size: width, values }: Image,
  size: number,
  y: Float32Array,
  x: Float32Array,
): Uint8Array {
  const movie = new Uint8Array(y.length * size * size);
  const half = (size - 1) / 2;
  let at = 0;
  for (let t = 0; t < y.length; t++) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        movie[at++] = gray(bilinear(values, width, y[t]! - half + row, x[t]! - half + column));
      }
    }
  }
  return movie;
}

function randomGabor(size: number, random: Random) {
  const half = size / 2;
  const wavelength = random.uniform(4, 12);
  return {
    y: random.uniform(-half, half),
    x: random.uniform(-half, half),
    orientation: random.uniform(0, Math.PI),
    wavelength,
    phase: random.uniform(0, 2 * Math.PI),
    sigma: random.uniform(0.3, 0.5) * wavelength,
  };
}

const gray = (value: number) => Math.min(255, Math.max(0, Math.round(127 + CONTRAST * value)));
