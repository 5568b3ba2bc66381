import type { z } from "zod";

/** What a data filter sees of a recording. */
export interface FilterInput {
  frames: number;
  /** `[frames]` each. */
  trialInds: ArrayLike<number>;
  dpiValid: ArrayLike<number>;
}

/** Decides which bins count. */
export interface Filter<Options> {
  /** The options' schema. */
  options: z.ZodType<Options>;
  /** 1 where a bin counts, else 0: `[frames, columns]` with one column for all units or one for each. */
  apply(input: FilterInput, options: Options): { dfs: Float32Array; columns: number };
}
