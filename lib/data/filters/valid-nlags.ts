import { z } from "zod";
import { filter } from "./filter";

const options = z.strictObject({
  /** The number of consecutive valid frames that are required, including the frame itself. */
  n_lags: z.int().positive(),
});

/**
 * Keeps frames with a complete past: the tracker sees the eye and the frame is not the first of its trial, and the same holds for the
 * previous `n_lags - 1` frames.
 */
export const validNlags = filter(options, ({ frames, trialInds, dpiValid }, { n_lags }) => {
  const dfs = new Float32Array(frames);
  let run = 0;
  for (let t = 0; t < frames; t++) {
    const good = t > 0 && trialInds[t] === trialInds[t - 1] && dpiValid[t]! > 0;
    run = good ? run + 1 : 0;
    dfs[t] = run >= n_lags ? 1 : 0;
  }
  return { dfs, columns: 1 };
});
