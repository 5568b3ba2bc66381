import { median } from "./median";
import type { PreparedSession } from "./prepare";

/**
 * How much there is to see on each frame, for a curriculum: the standard deviation of its pixels, divided by the median of
 * all frames of all sessions, so that the median is 1. (All 1 when the median frame is blank.)
 *
 * @returns `[T]` for each session
 */
export function contrastScores(
  sessions: readonly Pick<PreparedSession, "frames" | "stim">[],
): Float32Array[] {
  const deviations = sessions.map(({ frames, stim }) => {
    const pixels = stim.length / frames;
    return Float64Array.from({ length: frames }, (_, t) =>
      deviation(stim.subarray(t * pixels, (t + 1) * pixels)),
    );
  });
  const middle = median(Float64Array.from(deviations.flatMap((values) => [...values])));
  return deviations.map((values) => Float32Array.from(values, (value) => (middle > 0 ? value / middle : 1)));
}

/** Of the pixels themselves, not of a population that they would be a sample of. */
function deviation(bytes: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (const byte of bytes) {
    sum += byte;
    squares += byte * byte;
  }
  // Exact: sums of bytes are whole numbers.
  return Math.sqrt(bytes.length * squares - sum * sum) / bytes.length;
}
