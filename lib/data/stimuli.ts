import { createHash } from "node:crypto";
import type { MovieValues } from "../base/dsp/movie";

/** One presentation of a stimulus: consecutive frames of one trial. */
export interface Presentation {
  readonly first: number;
  readonly length: number;
  readonly trial: number;
}

/** Returns the presentations of a session in order: runs of frames with the same trial number. */
export function presentationsOf(trialInds: ArrayLike<number>): Presentation[] {
  const found: Presentation[] = [];
  for (let first = 0; first < trialInds.length; ) {
    let end = first;
    while (end < trialInds.length && trialInds[end] === trialInds[first]) end++;
    found.push({ first, length: end - first, trial: trialInds[first]! });
    first = end;
  }
  return found;
}

/** Returns some frames of a movie. */
type FramesOf = (first: number, count: number) => MovieValues;

/** Returns the frames of a movie in memory, `[frames, pixels]`. */
export const framesInMemory =
  ({ stim, pixels }: { readonly stim: MovieValues; readonly pixels: number }): FramesOf =>
  (first, count) =>
    stim.subarray(first * pixels, (first + count) * pixels);

/**
 * Groups the presentations that show the same stimulus, by comparing their movies frame by frame. No labels are needed. Two kinds of
 * presentations are no repeats, although their movies are equal: blank ones, and single frames in a session of movies, which are
 * fragments of trials. In a session of static images most trials have a single frame, and equal images are repeats.
 *
 * @returns the groups of two or more presentations
 */
export function repeatedStimuli(presentations: readonly Presentation[], movie: FramesOf): Presentation[][] {
  const singles = presentations.filter(({ length }) => length === 1).length;
  const areImages = 2 * singles > presentations.length;
  const whole = presentations.filter(({ length }) => length > 1 || areImages);
  // Few frames tell most movies apart, so that few movies are compared as a whole.
  return groupsBy(whole, (one) => keyOf(movie, one, [0, one.length >> 1, one.length - 1])).flatMap((alike) =>
    groupsBy(
      alike.filter((one) => !isBlank(movie, one)),
      (one) => keyOf(movie, one),
    ),
  );
}

/** Returns the groups of two or more values that have the same key. */
function groupsBy<T>(values: readonly T[], key: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const own = key(value);
    const group = groups.get(own);
    if (group) group.push(value);
    else groups.set(own, [value]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Returns the length of a presentation, and a hash of some of its frames. @param offsets the frames; default all */
function keyOf(framesOf: FramesOf, { first, length }: Presentation, offsets?: readonly number[]): string {
  const hash = createHash("sha1");
  const add = (from: number, frames: number) => hash.update(framesOf(from, frames));
  if (offsets) for (const offset of offsets) add(first + offset, 1);
  else add(first, length);
  return `${length} ${hash.digest("hex")}`;
}

/** Whether all pixels of a presentation are equal. */
function isBlank(framesOf: FramesOf, { first, length }: Presentation): boolean {
  const shown = framesOf(first, length);
  return shown.every((value) => value === shown[0]);
}
