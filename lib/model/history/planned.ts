import type { VectorPlan } from "../../nn/dense";

/** The influence of one session's units on each other: the last bins of all its units, flattened lag by lag → `[B, units]`. */
export interface PlannedHistory extends VectorPlan {
  /** The number of bins before the predicted one that it reads. */
  readonly lags: number;
}
