import { z } from "zod";
import { ConfigError } from "../base/config";
import { median, type Op, type OpKind, onlyOp, opKinds } from "./ops";

/** The input of a data filter. */
export interface FilterInput {
  frames: number;
  /** `[frames]` each. */
  trialInds: ArrayLike<number>;
  dpiValid: ArrayLike<number>;
  /** Returns the percentage of a unit's spikes that are missing, interpolated to the frames, `[frames, units]`. */
  missingPct?: (() => ArrayLike<number> | undefined) | undefined;
}

/** 1 where a bin counts, else 0: `[frames, columns]` with one column for all units or one for each. */
export interface Counted {
  dfs: Uint8Array;
  columns: number;
}

/** Decides which bins count. */
export type Filter = OpKind<FilterInput, Counted>;

/** Makes a data filter from a schema of its options and a function. */
export const filter = opKinds<FilterInput, Counted>();

/** Reads a number as the value of the only option. */
const shorthand = <S extends z.ZodType>(key: string, options: S) =>
  z.preprocess((given) => (typeof given === "number" ? { [key]: given } : given), options);

const missingPctOptions = shorthand(
  "threshold",
  z.strictObject({
    /** Percent. */
    threshold: z.number().positive().default(45),
  }),
);

/**
 * Keeps frames on which less than a share of a unit's spikes is missing. A unit whose median is at or over the threshold keeps all
 * frames, because its estimate is not informative about single frames.
 */
const missingPct = filter(missingPctOptions, ({ frames, missingPct }, { threshold }, at) => {
  const missing = missingPct?.();
  if (!missing) {
    const message = "reads the covariate missing_pct [frames, units], which the recording does not have";
    throw new ConfigError(at.where, [{ path: at.path, message }]);
  }
  const columns = missing.length / frames;
  const whole = Array.from({ length: columns }, (_, unit) => {
    return median(Float64Array.from({ length: frames }, (_, t) => missing[t * columns + unit]!)) >= threshold;
  });
  const dfs = new Uint8Array(frames * columns);
  for (let i = 0; i < dfs.length; i++) dfs[i] = Number(whole[i % columns]! || missing[i]! < threshold);
  return { dfs, columns };
});

const validNlagsOptions = shorthand(
  "n_lags",
  z.strictObject({
    /** The number of consecutive valid frames that are required, including the frame itself; 0 requires only that the frame is valid. */
    n_lags: z.int().nonnegative().default(1),
  }),
);

/**
 * Keeps frames with a complete past: the tracker sees the eye and the frame is not the first of its trial, and the same holds for the
 * previous `n_lags - 1` frames. A trial of one frame, which is a static image, has no past: with `n_lags` 1 it is kept, too. With `n_lags`
 * 0, all frames on which the tracker sees the eye are kept.
 */
const validNlags = filter(validNlagsOptions, ({ frames, trialInds, dpiValid }, { n_lags }) => {
  const dfs = new Uint8Array(frames);
  let run = 0;
  for (let t = 0; t < frames; t++) {
    const continues = t > 0 && trialInds[t] === trialInds[t - 1];
    const isImage = !continues && (t + 1 === frames || trialInds[t] !== trialInds[t + 1]);
    const isSeen = dpiValid[t]! > 0;
    if (!isSeen) run = 0;
    else if (continues) run++;
    else run = Number(isImage && n_lags === 1);
    dfs[t] = Number(n_lags === 0 ? isSeen : run >= n_lags);
  }
  return { dfs, columns: 1 };
});

/** Data filters by their names in a configuration's `datafilters`. */
export const filters: Readonly<Record<string, Filter>> = {
  missing_pct: missingPct,
  valid_nlags: validNlags,
};

/**
 * Applies all filters and combines them with AND; without filters, every bin counts.
 *
 * @param where the file, for errors
 * @returns a column for each unit when a filter has one, else one for all
 */
export function applyFilters(input: FilterInput, ops: readonly Op[], where: string, path = "ops"): Counted {
  const each = ops.map((op, i) => {
    const [name, options] = onlyOp(op);
    return filters[name]!.apply(input, options, { where, path: `${path}.${i}.${name}` });
  });
  const columns = Math.max(1, ...each.map((counted) => counted.columns));
  const dfs = new Uint8Array(input.frames * columns).fill(1);
  for (const own of each)
    for (let i = 0; i < dfs.length; i++) dfs[i]! &= own.dfs[own.columns === 1 ? Math.floor(i / columns) : i]!;
  return { dfs, columns };
}
