import { ConfigError } from "../../base/config";
import { median } from "../ops";
import type { ScreenTrial } from "./screen";

/** The frames of a recording: when each was shown, and the frame of the screen that it shows. */
export interface ScreenFrames {
  /** The times at which each frame began and ended, in seconds. */
  readonly starts: Float64Array;
  readonly stops: Float64Array;
  /** The usual time of a frame in seconds: that of the frames of videos, if there are any. */
  readonly period: number;
  /** The frame of the screen that each frame shows. */
  readonly shown: Int32Array;
  /** The trial of each frame, a position in the list of trials. */
  readonly trials: Int32Array;
}

/** A frame that lasts longer than this multiple of the usual time is followed by a pause. */
const LONGEST = 1.5;

/**
 * Returns the frames of a recording. Each lasts until the next one. A frame before a pause, and the last one, last as long as is usual for
 * frames of videos, or for images and gray screens.
 *
 * @param times the time of each frame of the screen in seconds
 * @param rate frames per second: each frame shows what is on the screen at its middle. Default: the frames of the screen
 * @throws ConfigError when there are fewer times than frames
 */
export function framesOf(
  trials: readonly ScreenTrial[],
  times: Float64Array,
  { file, rate }: { file: string; rate: number | undefined },
): ScreenFrames {
  const count = trials.reduce((sum, { frames }) => sum + frames, 0);
  if (times.length < count)
    throw new ConfigError(file, [
      { path: "", message: `has ${times.length} times, but the trials have ${count} frames` },
    ]);
  const trialOf = Int32Array.from(
    trials.flatMap(({ frames }, trial) => new Array<number>(frames).fill(trial)),
  );
  if (rate) return sampled(times.subarray(0, count), trialOf, rate);
  const starts = times.slice(0, count);
  const lengths = starts.map((start, t) => (times[t + 1] ?? Number.POSITIVE_INFINITY) - start);
  const isVideo = Array.from(trialOf, (trial, t) => trialOf[t + 1] === trial || trialOf[t - 1] === trial);
  const [video, image] = [true, false].map((kind) =>
    median(lengths.filter((length, t) => isVideo[t] === kind && length < Infinity)),
  );
  const usual = (t: number) => (isVideo[t] ? video! : image!) || video || image || 1;
  const stops = starts.map(
    (start, t) => start + (lengths[t]! <= LONGEST * usual(t) ? lengths[t]! : usual(t)),
  );
  return {
    starts,
    stops,
    period: video || image || 1,
    shown: Int32Array.from(starts.keys()),
    trials: trialOf,
  };
}

function sampled(times: Float64Array, trialOf: Int32Array, rate: number): ScreenFrames {
  const [first, last] = [times[0]!, times.at(-1)!];
  const count = Math.max(1, Math.round((last - first) * rate));
  const starts = Float64Array.from({ length: count }, (_, t) => first + t / rate);
  let current = 0;
  const shown = Int32Array.from(starts, (start) => {
    while (current + 1 < times.length && times[current + 1]! <= start + 0.5 / rate) current++;
    return current;
  });
  return {
    starts,
    stops: starts.map((start) => start + 1 / rate),
    period: 1 / rate,
    shown,
    trials: shown.map((frame) => trialOf[frame]!),
  };
}
