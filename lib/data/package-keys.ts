import { type IgnoredKeys, keysAt, type Mapping, withoutIgnoredKeys } from "../base/config/mappings";
import type { TakeNote } from "../base/config/notes";

const OP = (pipelines: "transforms" | "datafilters", name: string) =>
  new RegExp(`^${pipelines}\\.[^.]+\\.ops\\.\\d+\\.${name}$`);
const MISSING_PCT = OP("datafilters", "missing_pct");

/** Keys that occur in session files of the PyTorch package, and that its code ignores. */
const IGNORED: readonly IgnoredKeys[] = [
  { at: /^$/, keys: ["cids_qc", "cidsqc", "contamth", "missingth", "snr"] },
  { at: OP("transforms", "splitrelu"), keys: ["trainable_gain"] },
  { at: OP("transforms", "temporal_basis"), keys: ["in_channels"] },
  { at: OP("transforms", "dacones"), keys: ["height", "width"] },
  { at: MISSING_PCT, keys: ["cids"] },
];

/** The misspelling of `threshold` in many files of the package. */
const MISSPELT: IgnoredKeys = { at: MISSING_PCT, keys: ["theshold"] };

/** Keys that only files written for the PyTorch package have. */
const SIGNS: readonly IgnoredKeys[] = [
  { at: /^$/, keys: ["visual", "qcmissing", "qccontam", "lab", "eye", "directory"] },
  { at: /^transforms\.[^.]+$/, keys: ["keys_lags"] },
  { at: /^datafilters\.[^.]+$/, keys: ["expose_as"] },
  MISSPELT,
  ...IGNORED,
];

/** Whether a parent or a session's file was written for the PyTorch package: it has a key that only such files have. */
export const isOfPackage = (file: unknown): boolean => keysAt(file, SIGNS).length > 0;

/**
 * Copies a parent or a session's file without the keys that the PyTorch package ignores, and with `theshold` as `threshold`. Each change is
 * noted.
 */
export function asRead(file: Mapping, where: string, note: TakeNote): Mapping {
  const reason = "has no effect in the PyTorch package, and none here; leave it out";
  const { value, notes } = withoutIgnoredKeys(file, IGNORED, { reason, where });
  notes.forEach(note);
  return withThreshold(value as Mapping, where, note);
}

/** Reads `theshold` as `threshold`. The package ignores it and uses its default, 45. */
function withThreshold(file: Mapping, where: string, note: TakeNote): Mapping {
  const misspelt = keysAt(file, [MISSPELT]);
  const copy = misspelt.length > 0 ? structuredClone(file) : file;
  for (const path of misspelt) {
    const options = path
      .split(".")
      .slice(0, -1)
      .reduce<Record<string, unknown>>(
        (at, key) => at[key] as Record<string, unknown>,
        copy as Record<string, unknown>,
      );
    const { theshold } = options;
    const both = "threshold" in options;
    delete options.theshold;
    if (!both) options.threshold = theshold;
    const message = both
      ? "is not read, because threshold is given, too; leave it out"
      : "is read as threshold; the PyTorch package ignores this spelling and uses 45";
    note({ where, path, message });
  }
  return copy;
}
