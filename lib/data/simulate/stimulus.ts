import type { Random } from "../../base/random";
import { type EyeTrace, eyeTrace } from "./eye";
import { addGabor } from "./gabor";
import { bilinear, deadLeavesImage, type Image, pinkImage } from "./images";

/** The movie of one trial as the eye saw it. */
export interface TrialStimulus {
  /** `[frames, size, size]`. */
  stim: Uint8Array;
  eye: EyeTrace;
  /** Returns the movie reconstructed from a measured gaze, which may be wrong. */
  seenFrom(eye: Pick<EyeTrace, "y" | "x">): Uint8Array;
}

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
