import type { z } from "zod";
import { check } from "../../config";

/** What a data filter sees of a recording. */
export interface FilterInput {
  frames: number;
  /** `[frames]` each. */
  trialInds: ArrayLike<number>;
  dpiValid: ArrayLike<number>;
  /** Percentage of a unit's spikes that are missing, interpolated to the frames, `[frames, units]`. */
  missingPct?: ArrayLike<number> | undefined;
}

/** 1 where a bin counts, else 0: `[frames, columns]` with one column for all units or one for each. */
export interface Counted {
  dfs: Float32Array;
  columns: number;
}

/** Where a filter stands, for errors: the file and the key path. */
export interface FilterPlace {
  readonly where: string;
  readonly path: string;
}

/** Decides which bins count, as it stands in the room's map. */
export interface Filter {
  readonly options: z.ZodType;
  /** @throws ConfigError for options that the schema refuses, and for a recording without what the filter reads */
  apply(input: FilterInput, options: unknown, at: FilterPlace): Counted;
}

/** Joins a schema and a filter; the filter gets options that the schema has checked, defaults filled in. */
export function filter<S extends z.ZodType>(
  options: S,
  apply: (input: FilterInput, options: z.output<S>, at: FilterPlace) => Counted,
): Filter {
  return {
    options,
    apply: (input, given, at) => apply(input, check(options, given ?? {}, at.where, at.path), at),
  };
}
