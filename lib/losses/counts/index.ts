import { type Place, partOf, type UserType } from "../../base/config";
import { tf } from "../../engine";
import { type DatasetLosses, meanOverDatasets } from "./datasets";
import { type PoissonInputs, poissonLoss } from "./poisson";
import { zeroInflatedMeanLoss } from "./zero-inflated";

export { poissonLoss } from "./poisson";
export { zeroInflatedPoissonLoss } from "./zero-inflated";

/** Computes the loss of a batch. `pi_N` is the probability that a unit's bin is silent at any rate, for losses that use it. */
export type Loss = (
  inputs: PoissonInputs & { readonly pi_N?: tf.Tensor1D | undefined },
  how: { logRate: boolean },
) => DatasetLosses;

/** `loss` of a model's configuration → loss. */
export const losses = {
  poisson: poissonLoss,
  zero_inflated_poisson: zeroInflatedMeanLoss,
} as const satisfies Record<string, Loss>;

/** The name of one of the library's losses, or an export of a user's module. */
export type LossName = keyof typeof losses | UserType;

/** A loss that configurations can name. */
export interface LossPart {
  readonly kind: "loss";
  readonly loss: Loss;
}

/** The library's losses as parts. */
export const lossParts: Readonly<Record<string, LossPart>> = Object.fromEntries(
  Object.entries(losses).map(([name, loss]) => [name, { kind: "loss", loss }]),
);

/**
 * Makes a loss that configurations can name, as an export of a module: `loss: ./my_loss.ts#mine` in the model's file. As with the
 * library's losses, masked values are ignored, and the result is the mean within each session, then over sessions.
 *
 * @param each returns the loss of every sample and unit, `[B, N]`, from rates (spikes per bin) and counts, both `[B, N]`. Traced.
 * @example
 * export const squared = defineLoss(({ rate, robs }) => tf.squaredDifference(rate, robs));
 */
export function defineLoss(each: (inputs: { rate: tf.Tensor2D; robs: tf.Tensor2D }) => tf.Tensor): LossPart {
  return {
    kind: "loss",
    loss: (inputs, { logRate }) =>
      tf.tidy(() =>
        meanOverDatasets(inputs, (rate, robs) => each({ rate: logRate ? tf.exp(rate) : rate, robs })),
      ),
  };
}

/** Returns the loss with a name. @throws ConfigError for an unknown name, or an export that is not a loss */
export function lossOf(name: string, at: Place): Loss {
  return partOf("loss", lossParts, name, at).loss;
}
