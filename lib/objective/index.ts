import type { tf } from "../engine";
import type { DatasetLosses } from "./datasets";
import { type PoissonInputs, poissonLoss } from "./poisson";
import { zeroInflatedMeanLoss } from "./zero-inflated";

export { poissonLoss } from "./poisson";
export { zeroInflatedPoissonLoss } from "./zero-inflated";

/** What a model is trained by: `loss` of its configuration → loss. */
export const losses = {
  poisson: poissonLoss,
  zero_inflated_poisson: zeroInflatedMeanLoss,
} as const satisfies Record<string, Loss>;

/** `pi_N`: the probability of each unit's bins to be silent whatever the rate, for losses that have it. */
export type Loss = (
  inputs: PoissonInputs & { readonly pi_N?: tf.Tensor1D | undefined },
  how: { logRate: boolean },
) => DatasetLosses;

export type LossName = keyof typeof losses;
