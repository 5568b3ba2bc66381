import type { Plan } from "../plan";
import type { Triple } from "../shape";

/** A pooling, with the stride that a shortcut around it has to take. */
export interface PlannedPool {
  readonly plan: Plan;
  readonly stride: Triple;
}
