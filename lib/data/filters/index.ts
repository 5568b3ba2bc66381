import { validNlags } from "./valid-nlags";

/** Data filters by the name they have in a configuration's `datafilters`. */
export const filters = { valid_nlags: validNlags };
