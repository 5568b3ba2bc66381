import { type NwbFile, rounded } from "./nwb-file";
import { GRAY, type Shown } from "./shown";

/** The frames of a recording: when each of them was shown, and its image. */
export interface Frames {
  readonly starts: Float64Array;
  readonly stops: Float64Array;
  /** The usual distance of two frames in seconds. */
  readonly period: number;
  /** The image of each frame, or `GRAY`. */
  readonly index: Int32Array;
}

/** A pause between presentations of at most this number of seconds has gray frames; a longer one has no frames. */
const LONGEST_PAUSE = 5;

/** The largest number of frames of a stimulus: almost two days at 60 per second. */
const MOST_FRAMES = 1e7;

/**
 * Returns the frames of a stimulus.
 *
 * @param rate frames per second: each frame shows the image on the screen at its middle, or gray in a pause. Default: each presentation is a
 *   frame.
 * @throws ConfigError when presentations are so long that the frames would not fit into memory
 */
export function framesOf(nwb: NwbFile, shown: Shown, rate: number | undefined): Frames {
  const { starts, stops, period, index } = shown;
  if (!rate) return { starts, stops, period, index };
  const times: number[] = [];
  const images: number[] = [];
  let current = 0;
  for (let t = 0, first = starts[0]!; ; t++) {
    const start = first + t / rate;
    const middle = start + 0.5 / rate;
    while (current + 1 < starts.length && starts[current + 1]! <= middle) current++;
    const next = starts[current + 1];
    const isShown = middle < stops[current]!;
    if (isShown || (next !== undefined && next - stops[current]! <= LONGEST_PAUSE)) {
      if (times.length === MOST_FRAMES)
        throw nwb.fail(
          "--sampling_rate",
          `gives more than ${MOST_FRAMES} frames of ${shown.name}, from ${rounded(starts[0]!)} to ${rounded(stops.at(-1)!)} s; check the times of the presentations`,
        );
      times.push(start);
      images.push(isShown ? index[current]! : GRAY);
    } else if (next === undefined) break;
    else [first, t] = [next, -1];
  }
  const regular = Float64Array.from(times);
  return {
    starts: regular,
    stops: regular.map((start) => start + 1 / rate),
    period: 1 / rate,
    index: Int32Array.from(images),
  };
}
