import type { Filter } from "./filter";
import { missingPct } from "./missing-pct";
import { validNlags } from "./valid-nlags";

/** Data filters by their names in a configuration's `datafilters`. */
export const filters: Readonly<Record<string, Filter>> = {
  missing_pct: missingPct,
  valid_nlags: validNlags,
};
