import type { Filter } from "./filter";
import { missingPct } from "./missing-pct";
import { validNlags } from "./valid-nlags";

/** Data filters by the name they have in a configuration's `datafilters`. */
export const filters: Readonly<Record<string, Filter>> = {
  missing_pct: missingPct,
  valid_nlags: validNlags,
};
