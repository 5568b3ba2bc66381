import { medianStep } from "./ops";

/** Samples that are further apart than this multiple of the usual distance have a gap between them. */
const GAP = 5;

/** The time in which the responses of a frame are measured: its begin and its end in seconds. */
export type MeasuredTime = readonly [from: number, to: number];

/** Returns the number of times before `time`. The times are in order. */
export function firstAtOrAfter(times: ArrayLike<number>, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The samples of a series that give the value of a frame: those from `first` up to `end`. */
export interface FrameSamples {
  readonly first: number;
  readonly end: number;
  /** The weight of the second of two neighbours between which the frame is interpolated. Default: the samples lie in the frame. */
  readonly share?: number;
}

/**
 * Returns the samples in a time. Without any sample in it, the neighbours on both sides are interpolated at its middle.
 *
 * @param times the times of the samples, in order
 * @returns undefined when the time lies outside of the series
 */
export function samplesIn(times: Float64Array, [from, to]: MeasuredTime): FrameSamples | undefined {
  const [first, end] = [firstAtOrAfter(times, from), firstAtOrAfter(times, to)];
  if (end > first) return { first, end };
  if (first === 0 || first === times.length) return undefined;
  const share = ((from + to) / 2 - times[first - 1]!) / (times[first]! - times[first - 1]!);
  return { first: first - 1, end: first + 1, share };
}

/**
 * Returns the value of a column in a frame: the mean or the sum of its samples, or the value between two neighbours.
 *
 * @param values the samples `[samples, width]` @param at the position of the column's first sample in them
 */
export function valueIn(
  { first, end, share }: FrameSamples,
  values: ArrayLike<number>,
  { at, width, adds }: { at: number; width: number; adds: boolean },
): number {
  if (share !== undefined) return values[at]! * (1 - share) + values[at + width]! * share;
  const count = end - first;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[at + i * width]!;
  return adds ? sum : sum / count;
}

/**
 * Counts the spikes of each unit in frames, `[frames, units]`.
 *
 * @param trains the spike times of each unit in order @param timeOf returns the time of a frame; frames begin one after another
 */
export function countSpikes(
  trains: readonly Float64Array[],
  frames: number,
  timeOf: (frame: number) => MeasuredTime,
): Float32Array {
  const counts = new Float32Array(frames * trains.length);
  for (const [unit, train] of trains.entries()) {
    // Both places in the train move forward, unless a frame ends before the last one did.
    let [first, end, last] = [0, 0, Number.NEGATIVE_INFINITY];
    for (let t = 0; t < frames; t++) {
      const [from, to] = timeOf(t);
      while (first < train.length && train[first]! < from) first++;
      if (to < last || end < first) end = first;
      while (end < train.length && train[end]! < to) end++;
      last = to;
      counts[t * trains.length + unit] = end - first;
    }
  }
  return counts;
}

/** Returns spike times in order. */
export const inOrder = (train: Float64Array): Float64Array =>
  train.every((time, i) => i === 0 || time >= train[i - 1]!) ? train : train.sort();

/** A series `[samples, width]` with the time of each sample in seconds. */
export interface TimedSamples {
  readonly starts: Float64Array;
  readonly values: ArrayLike<number>;
  readonly width: number;
}

/**
 * Interpolates a series linearly between the samples before and after some times. Samples with NaN are left out.
 *
 * @returns the values `[times, width]`, and 0 instead of 1 for times in a gap of the samples (NaN, or a pause of five sample intervals), or
 * outside of them
 */
export function interpolatedAt(
  { starts, values: all, width }: TimedSamples,
  times: Float64Array,
): { values: Float32Array; valid: Float32Array } {
  const isSeen = (i: number) =>
    Array.from({ length: width }, (_, k) => all[i * width + k]!).every(Number.isFinite);
  const seen = Array.from(starts.keys()).filter(isSeen);
  const values = new Float32Array(times.length * width);
  const valid = new Float32Array(times.length);
  if (seen.length === 0) return { values, valid };
  const longest = GAP * medianStep(starts);
  let after = 0;
  times.forEach((time, t) => {
    while (after < seen.length && starts[seen[after]!]! <= time) after++;
    const [low, high] = [seen[Math.max(0, after - 1)]!, seen[Math.min(after, seen.length - 1)]!];
    const span = starts[high]! - starts[low]!;
    const share = span > 0 ? (time - starts[low]!) / span : 0;
    for (let k = 0; k < width; k++)
      values[t * width + k] = all[low * width + k]! * (1 - share) + all[high * width + k]! * share;
    valid[t] = high === low + 1 && span <= longest ? 1 : 0;
  });
  return { values, valid };
}
