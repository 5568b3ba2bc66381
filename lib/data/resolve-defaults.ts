import { asMapping, type Mapping } from "../base/config/mappings";

/** The seed that the PyTorch package splits trials with when its files give none. */
const PACKAGE_SEED = 1002;

/**
 * Fills in those defaults of a session's merged, unchecked configuration that depend on other keys:
 *
 * - lags of a transform or a data filter are lags of its result;
 * - without data filters, frames count after `n_lags` valid ones, by default the longest lag. This holds when `n_lags` is given, and for
 *   files of the PyTorch package;
 * - the split and its seed are those of the PyTorch package for its files.
 */
export function resolveDefaults(config: Mapping, ofPackage: boolean): Mapping {
  const { n_lags, split = ofPackage ? "torch" : "auto", ...rest } = config;
  const keys_lags = {
    ...asMapping(config.keys_lags),
    ...lagsOfEntries(config.transforms),
    ...lagsOfEntries(config.datafilters),
  };
  const filtered = Object.keys(asMapping(config.datafilters)).length > 0;
  const valid = { valid_nlags: { n_lags: n_lags ?? longest(keys_lags) } };
  return {
    ...(split === "torch" ? { seed: PACKAGE_SEED } : {}),
    ...rest,
    split,
    ...(Object.keys(keys_lags).length > 0 ? { keys_lags } : {}),
    ...(config.transforms === undefined ? {} : { transforms: withoutLags(config.transforms) }),
    ...(config.datafilters === undefined ? {} : { datafilters: withoutLags(config.datafilters) }),
    ...(!filtered && (n_lags !== undefined || ofPackage) ? { datafilters: { dfs: { ops: [valid] } } } : {}),
  };
}

/** Returns the lags of the entries of `transforms` or `datafilters` by the names of their results. */
function lagsOfEntries(entries: unknown): Mapping {
  const given = Object.entries(asMapping(entries)).flatMap(([name, entry]) => {
    const { keys_lags, expose_as = name } = asMapping(entry);
    return keys_lags === undefined ? [] : [[String(expose_as), keys_lags] as const];
  });
  return Object.fromEntries(given);
}

/** Copies `transforms` or `datafilters` without the lags of its entries. A value of another form is unchanged. */
function withoutLags(entries: unknown): unknown {
  if (Object.keys(lagsOfEntries(entries)).length === 0) return entries;
  const copies = Object.entries(asMapping(entries)).map(([name, entry]) => {
    const { keys_lags: _, ...others } = asMapping(entry);
    return [name, others];
  });
  return Object.fromEntries(copies);
}

/** Returns the longest of all lags, at least 1. */
function longest(keys_lags: Mapping): number {
  const all = Object.values(keys_lags).flat();
  return Math.max(1, ...all.filter((lag): lag is number => typeof lag === "number"));
}
