import {
  groupLasso,
  l1,
  l2,
  ortho,
  proximalClamp,
  proximalClampMin,
  proximalClampPositive,
  proximalL1,
  type Regularizer,
} from "./regularizer";

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
