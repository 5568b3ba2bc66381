import type { MeasuredTime } from "../../in-frames";
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

/** Returns the time in which the responses of a frame are measured. */
export function measuredTime(
  { starts, stops }: Frames,
  frame: number,
  window: ResponseOptions["window"],
): MeasuredTime {
  const start = starts[frame]!;
  return window ? [start + window[0], start + window[1]] : [start, stops[frame]!];
}
