import type { ResponseKind } from "../../responses";
import type { Frames } from "./frames";

/** The responses of some units, which can be put into the frames of any stimulus. */
export interface Responses {
  readonly at: string;
  readonly cids: readonly number[];
  readonly kind: ResponseKind;
  /** The data that was taken, and how. */
  readonly taken: readonly string[];
  readonly coordinates?: number[][];
  readonly groups?: number[];
  /** The defaults that were used for missing data. */
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
  /** Returns the responses in frames, `[frames, units]`. */
  inFrames(frames: Frames): Promise<Float32Array>;
}

/** The options for responses. */
export interface ResponseOptions {
  /** The paths of the responses, or the ends of these. Default: the only ones of the file. */
  readonly responses: readonly string[] | undefined;
  /** Conditions on the columns of the units' table. */
  readonly where: readonly string[];
  /** The time after a frame's onset in which responses count, in seconds. Default: while the frame is shown. */
  readonly window: readonly [from: number, to: number] | undefined;
}

/** Describes the time in which responses are measured. */
export const whenOf = (window: ResponseOptions["window"]): string =>
  window ? `from ${window[0]} to ${window[1]} s after the onset of each frame` : "while each frame is shown";

/** Returns the time in which the responses of a frame are measured: its begin and its end in seconds. */
export function measuredTime(
  { starts, stops }: Frames,
  frame: number,
  window: ResponseOptions["window"],
): [from: number, to: number] {
  const start = starts[frame]!;
  return window ? [start + window[0], start + window[1]] : [start, stops[frame]!];
}

/** Returns the number of times before `time`. The times are in order. */
export function firstAtOrAfter(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
