import type { VectorPlan } from "../../nn/dense";

/** What one session's units add to one another: the last bins of all its units, flattened lag by lag → `[B, units]`. */
export interface PlannedHistory extends VectorPlan {
  /** Bins before the predicted one that it sees. */
  readonly lags: number;
}
