import { median } from "./correlation";

/** Options of saccade detection. */
export interface SaccadeOptions {
  /** The velocity threshold, in multiples of the velocity's median-based spread. Default 6. */
  threshold?: number;
  /** The minimum duration in seconds. Default 0.012. */
  leastDuration?: number;
  /** The minimum interval in seconds: saccades closer together are merged. Default 0.02. */
  leastInterval?: number;
}

/** A saccade, by frames from 0. */
export interface Saccade {
  /** The first frame in flight. */
  onset: number;
  /** The first frame after the flight. */
  landing: number;
  /** The distance between start and landing, in the unit of the eye position. */
  amplitude: number;
}

/**
 * Finds saccades in eye positions (Engbert & Kliegl 2003): frames whose velocity leaves an ellipse of `threshold` times the
 * velocity's median-based spread, along each axis.
 *
 * @param eyepos `[T, 2]`, in any unit
 * @param samplingRate frames per second
 * @param valid 1 where the tracker saw the eye, `[T]`; saccades that include an invalid frame are excluded. Default: all frames are valid
 * @returns the saccades in order of time; one that is still in flight at the end is excluded
 */
export function findSaccades(
  eyepos: ArrayLike<number>,
  samplingRate: number,
  { threshold = 6, leastDuration = 0.012, leastInterval = 0.02 }: SaccadeOptions = {},
  valid?: ArrayLike<number>,
): Saccade[] {
  const frames = eyepos.length / 2;
  const velocity = [0, 1].map((axis) => velocityOf(eyepos, axis, samplingRate));
  const spread = velocity.map(spreadOf);
  const fast = Array.from({ length: frames }, (_, t) => {
    const [x, y] = velocity.map((v, axis) => v[t]! / (threshold * (spread[axis]! || 1)));
    return x! * x! + y! * y! > 1;
  });
  const found: { onset: number; landing: number }[] = [];
  for (let t = 0; t < frames; t++) {
    if (!fast[t]) continue;
    const onset = t;
    while (t < frames && fast[t]) t++;
    const last = found.at(-1);
    if (last && onset - last.landing < leastInterval * samplingRate) last.landing = t;
    else found.push({ onset, landing: t });
  }
  const seen = (from: number, to: number) => {
    for (let t = Math.max(0, from); t < Math.min(frames, to); t++)
      if (valid && !(valid[t]! > 0)) return false;
    return true;
  };
  const at = (t: number, axis: number) => eyepos[2 * Math.min(frames - 1, Math.max(0, t)) + axis]!;
  return found
    .filter(({ onset, landing }) => landing - onset >= leastDuration * samplingRate && landing < frames)
    .filter(({ onset, landing }) => seen(onset - 2, landing + 2))
    .map(({ onset, landing }) => ({
      onset,
      landing,
      amplitude: Math.hypot(at(landing, 0) - at(onset - 1, 0), at(landing, 1) - at(onset - 1, 1)),
    }));
}

/** Returns the velocity by central differences, per second. */
function velocityOf(eyepos: ArrayLike<number>, axis: number, samplingRate: number): Float64Array {
  const frames = eyepos.length / 2;
  const at = (t: number) => eyepos[2 * t + axis]!;
  return Float64Array.from({ length: frames }, (_, t) => {
    const [from, to] = [Math.max(0, t - 1), Math.min(frames - 1, t + 1)];
    return to > from ? ((at(to) - at(from)) * samplingRate) / (to - from) : 0;
  });
}

/** Returns sqrt(median(v²) - median(v)²), which rare saccades barely affect. */
function spreadOf(velocity: Float64Array): number {
  const middle = median(velocity);
  return Math.sqrt(Math.max(0, median(velocity.map((v) => v * v)) - middle * middle));
}
