import { type FrameSize, frameLength } from "../base/dsp/movie";
import { firstAtOrAfter } from "./in-frames";
import type { MovieSource, StoredMovie } from "./movie-source";
import { offsets } from "./samplers/sampler";

/** The number of trials whose values decide on the type of a movie. */
const MOST_EXAMINED = 3;

/** The movies of trials, which are in files of their own. */
export interface TrialMovies extends FrameSize {
  readonly channels: number;
  /** The number of frames of each trial. */
  readonly lengths: readonly number[];
  /** The trials whose values decide on the type of the movie; the first three of these are read. Default: all trials. */
  readonly examined?: readonly number[];
  /** Reads the frames of a trial, `[frames, height, width, channels]`. */
  readonly read: (trial: number) => StoredMovie;
  /** Returns the error of a trial. */
  readonly fail: (trial: number, message: string) => Error;
}

/**
 * Returns the movie of trials, one after another, which is read trial by trial. Numbers of 0 to 255, which are not all 0 to 1, are rounded
 * to bytes.
 */
export function trialMovie(trials: TrialMovies): MovieSource {
  const { height, width, channels, lengths } = trials;
  const firsts = offsets(lengths);
  const length = frameLength({ height, width, channels });
  const isBytes = areBytes(trials);
  let last: { trial: number; values: StoredMovie } | undefined;
  const valuesOf = (trial: number) => {
    if (last?.trial !== trial) {
      const values = trials.read(trial);
      last = { trial, values: isBytes ? asBytes(values, (message) => trials.fail(trial, message)) : values };
    }
    return last.values;
  };
  const read = (from: number, to: number) => {
    const frames = new (isBytes ? Uint8Array : Float32Array)((to - from) * length);
    for (let frame = from; frame < to; ) {
      const trial = firstAtOrAfter(firsts, frame + 1) - 1;
      const first = firsts[trial]!;
      const end = Math.min(to, first + lengths[trial]!);
      const values = valuesOf(trial).subarray((frame - first) * length, (end - first) * length);
      frames.set(values, (frame - from) * length);
      frame = end;
    }
    return frames;
  };
  const frames = lengths.reduce((sum, each) => sum + each, 0);
  return { frames, height, width, channels, dtype: isBytes ? "uint8" : "float32", read };
}

function areBytes({ lengths, read, examined: trials = [...lengths.keys()] }: TrialMovies): boolean {
  const examined = trials.slice(0, MOST_EXAMINED).map(read);
  if (examined.every((values) => values instanceof Uint8Array)) return true;
  return (
    examined.every((values) => values.every((value) => value >= 0 && value <= 255)) &&
    examined.some((values) => values.some((value) => value > 1))
  );
}

function asBytes(values: StoredMovie, fail: (message: string) => Error): Uint8Array {
  if (values instanceof Uint8Array) return values;
  const bad = values.find((value) => !(value >= 0 && value <= 255));
  if (bad === undefined) return Uint8Array.from(values, Math.round);
  throw fail(
    `has the value ${bad}, but the first trials have values of 0 to 255; store all trials in one range`,
  );
}
