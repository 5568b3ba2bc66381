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

/**
 * Returns the frames of a stimulus.
 *
 * @param rate frames per second: each frame shows the image on the screen at its middle, or gray in a pause. Default: each presentation is a
 *   frame.
 */
export function framesOf(shown: Shown, rate: number | undefined): Frames {
  const { starts, stops, period, index } = shown;
  if (!rate) return { starts, stops, period, index };
  const [times, images]: [number[], number[]] = [[], []];
  let current = 0;
  for (let t = 0, first = starts[0]!; ; t++) {
    const start = first + t / rate;
    const middle = start + 0.5 / rate;
    while (current + 1 < starts.length && starts[current + 1]! <= middle) current++;
    const next = starts[current + 1];
    if (middle < stops[current]!) push(start, index[current]!);
    else if (next === undefined) break;
    else if (next - stops[current]! <= LONGEST_PAUSE) push(start, GRAY);
    else [first, t] = [next, -1];
  }
  function push(time: number, image: number) {
    times.push(time);
    images.push(image);
  }
  const regular = Float64Array.from(times);
  return {
    starts: regular,
    stops: regular.map((start) => start + 1 / rate),
    period: 1 / rate,
    index: Int32Array.from(images),
  };
}
