import { decodeMovie, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import { median } from "./ops";
import type { PreparedSession } from "./prepare-recording";

/**
 * Computes the contrast of each frame, for a curriculum: the standard deviation of its pixels, divided by the median over all frames of
 * all sessions, so that the median is 1. (All are 1 when the median frame is blank.)
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

/** Returns the population standard deviation of the pixels, without the correction for a sample. */
function deviation(bytes: MovieValues): number {
  let [sum, squares] = [0, 0];
  for (const byte of bytes) {
    sum += byte;
    squares += byte * byte;
  }
  // Exact for bytes, whose sums are integers; for other types, rounding may give a variance slightly below 0.
  return Math.sqrt(Math.max(0, bytes.length * squares - sum * sum)) / bytes.length;
}
