import { z } from "zod";
import { type Part, part } from "../../base/config";
import { groupSparsity, groupSparsityOptions } from "./group-sparsity";
import { laplacian, laplacianOptions } from "./laplacian";
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

/** A regularizer that configurations can name. */
export type RegularizerPart = Part<"regularizer", [], Regularizer>;

const withoutOptions = (regularizer: Regularizer): RegularizerPart =>
  part("regularizer", z.strictObject({}), () => regularizer);

/** `regularization[].type` → regularizer. */
export const regularizers: Readonly<Record<string, RegularizerPart>> = {
  l1: withoutOptions(l1),
  l2: withoutOptions(l2),
  group_lasso: withoutOptions(groupLasso),
  group_sparsity: part("regularizer", groupSparsityOptions, groupSparsity),
  laplacian: part("regularizer", laplacianOptions, laplacian),
  ortho: withoutOptions(ortho),
  proximal_l1: withoutOptions(proximalL1),
  proximal_clamp: withoutOptions(proximalClamp),
  proximal_clamp_positive: withoutOptions(proximalClampPositive),
  proximal_clamp_min: withoutOptions(proximalClampMin),
};
