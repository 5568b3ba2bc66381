import { decodeMovie, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import { median } from "./median";
import type { PreparedSession } from "./prepared-session";

/**
 * How much there is to see on each frame, for a curriculum: the standard deviation of its pixels, divided by the median of
 * all frames of all sessions, so that the median is 1. (All 1 when the median frame is blank.)
 *
 * @returns `[T]` for each session
 */
export function contrastScores(
  sessions: readonly Pick<PreparedSession, "frames" | "stim" | "stimDtype">[],
): Float32Array[] {
  const deviations = sessions.map(({ frames, stim, stimDtype = "uint8" }) => {
    const pixels = stim.length / frames;
    return Float64Array.from({ length: frames }, (_, t) =>
      deviation(frameOf(stim.subarray(t * pixels, (t + 1) * pixels), stimDtype)),
    );
  });
  const middle = median(Float64Array.from(deviations.flatMap((values) => [...values])));
  return deviations.map((values) => Float32Array.from(values, (value) => (middle > 0 ? value / middle : 1)));
}

const frameOf = (values: MovieValues, dtype: MovieDtype) =>
  dtype === "uint8" ? values : decodeMovie(dtype, values);

/** Of the pixels themselves, not of a population that they would be a sample of. */
function deviation(bytes: MovieValues): number {
  let [sum, squares] = [0, 0];
  for (const byte of bytes) {
    sum += byte;
    squares += byte * byte;
  }
  // Exact for bytes, whose sums are whole numbers; rounding may leave others just under 0.
  return Math.sqrt(Math.max(0, bytes.length * squares - sum * sum)) / bytes.length;
}
