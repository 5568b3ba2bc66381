import { groupLasso } from "./group-lasso";
import { l1 } from "./l1";
import { l2 } from "./l2";
import { ortho } from "./ortho";
import { proximalClamp } from "./proximal-clamp";
import { proximalClampMin } from "./proximal-clamp-min";
import { proximalClampPositive } from "./proximal-clamp-positive";
import { proximalL1 } from "./proximal-l1";
import type { Regularizer } from "./regularizer";

/** `regularization[].type` → regularizer. */
export const regularizers = {
  l1,
  l2,
  group_lasso: groupLasso,
  ortho,
  proximal_l1: proximalL1,
  proximal_clamp: proximalClamp,
  proximal_clamp_positive: proximalClampPositive,
  proximal_clamp_min: proximalClampMin,
} as const satisfies Record<string, Regularizer>;
