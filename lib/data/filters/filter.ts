import { type OpKind, opKinds } from "../ops";

/** The input of a data filter. */
export interface FilterInput {
  frames: number;
  /** `[frames]` each. */
  trialInds: ArrayLike<number>;
  dpiValid: ArrayLike<number>;
  /** The percentage of a unit's spikes that are missing, interpolated to the frames, `[frames, units]`. */
  missingPct?: ArrayLike<number> | undefined;
}

/** 1 where a bin counts, else 0: `[frames, columns]` with one column for all units or one for each. */
export interface Counted {
  dfs: Float32Array;
  columns: number;
}

/** Decides which bins count. */
export type Filter = OpKind<FilterInput, Counted>;

export const filter = opKinds<FilterInput, Counted>();
