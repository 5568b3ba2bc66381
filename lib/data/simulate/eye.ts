import type { Random } from "../../base/random";

/** The eye during one trial, with positions in pixels of the picture. */
export interface EyeTrace {
  y: Float32Array;
  x: Float32Array;
  /** The frames at which a saccade lands. */
  landings: number[];
}

/** The number of frames between saccades: the minimum, and the mean of the additional frames. */
const FIXATION = { least: 18, mean: 24 };
/** The step of the drift's random walk in pixels per frame. */
const DRIFT = 0.08;
/** Returns the duration in frames of a saccade (the main sequence: larger saccades last longer). */
const flight = (amplitude: number) => Math.max(2, Math.round(2 + amplitude / 20));

/**
 * Simulates an eye that looks at a picture: fixations with drift, separated by microsaccades of a few pixels or saccades to another
 * position.
 *
 * @param size the gaze stays inside `[margin, size - margin]`
 * @param saccades the share of saccades to another position; the others are microsaccades
 */
export function eyeTrace(
  frames: number,
  size: number,
  margin: number,
  saccades: number,
  random: Random,
): EyeTrace {
  const [y, x] = [new Float32Array(frames), new Float32Array(frames)];
  const landings: number[] = [];
  const inside = (value: number) => Math.min(size - margin, Math.max(margin, value));
  let [atY, atX] = [random.uniform(margin, size - margin), random.uniform(margin, size - margin)];
  let next = fixation(random);
  for (let t = 0; t < frames; ) {
    if (t < next) {
      atY = inside(atY + DRIFT * random.normal());
      atX = inside(atX + DRIFT * random.normal());
      y[t] = atY;
      x[t++] = atX;
      continue;
    }
    const amplitude = random.uniform() < saccades ? random.uniform(12, 60) : random.uniform(2, 5);
    const angle = random.uniform(0, 2 * Math.PI);
    const [toY, toX] = [inside(atY + amplitude * Math.sin(angle)), inside(atX + amplitude * Math.cos(angle))];
    const duration = flight(amplitude);
    for (let k = 1; k <= duration && t < frames; k++) {
      // A smooth velocity profile, slow at both ends.
      const share = 0.5 - 0.5 * Math.cos((Math.PI * k) / duration);
      y[t] = atY + share * (toY - atY);
      x[t++] = atX + share * (toX - atX);
    }
    [atY, atX] = [toY, toX];
    landings.push(t);
    next = t + fixation(random);
  }
  return { y, x, landings };
}

const fixation = (random: Random) => FIXATION.least + Math.round(random.exponential(FIXATION.mean));
