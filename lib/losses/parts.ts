import { type Place, partOf } from "../base/config";
import { tf } from "../engine";
import {
  type DatasetLosses,
  meanOverDatasets,
  type PoissonInputs,
  poissonOf,
  zeroInflatedPoissonOf,
} from "./counts";
import { gammaLoss, gaussianLoss, squaredError, zeroInflatedGammaLoss } from "./responses";

/**
 * A parameter of each unit that a loss learns beside the model: the probability that a bin is silent at any rate, the variance of the
 * response around its mean, or the shape of a gamma distribution.
 */
export type UnitParameter = "silent" | "variance" | "shape";

/** The parameters of the units, `[B, columns]` or `[1, columns]`, for losses that learn them. */
export type UnitParameters = { readonly [Name in UnitParameter]?: tf.Tensor2D | undefined };

/** The inputs of a loss that a configuration names. */
export type LossInputs = PoissonInputs & UnitParameters;

/** Computes the loss of a batch. */
export type Loss = (inputs: LossInputs, how: { logRate: boolean }) => DatasetLosses;

/** The inputs of the loss of each value: predicted means or their logarithms, and responses, `[B, columns]` each. */
export type LossValues = Pick<LossInputs, "rate" | "robs"> & UnitParameters;

/** The responses that a loss fits: any number, 0 or more, or over 0. */
export type FittedResponses = "any" | "nonNegative" | "positive";

/** A loss that configurations can name. */
export interface LossPart {
  readonly kind: "loss";
  readonly loss: Loss;
  /** Computes the loss of each value, `[B, columns]`. Traced. */
  readonly each: (values: LossValues, how: { logRate: boolean }) => tf.Tensor;
  /** The parameters that it learns for each unit. */
  readonly unitParameters: readonly UnitParameter[];
  readonly fits: FittedResponses;
  /** Whether it is a likelihood of spike counts, so that bits per spike are the score of counts. */
  readonly isOfCounts: boolean;
}

type Facts = Partial<Pick<LossPart, "unitParameters" | "fits" | "isOfCounts">>;

function lossPart(
  each: LossPart["each"],
  { unitParameters = [], fits = "any", isOfCounts = false }: Facts = {},
): LossPart {
  const loss: Loss = ({ silent, variance, shape, ...inputs }, how) =>
    tf.tidy(() =>
      meanOverDatasets(inputs, (rate, robs) => each({ rate, robs, silent, variance, shape }, how)),
    );
  return { kind: "loss", loss, each, unitParameters, fits, isOfCounts };
}

/** Makes a loss of the mean response from a function of each value. */
const ofMean = (
  each: (values: { rate: tf.Tensor; robs: tf.Tensor } & Record<UnitParameter, tf.Tensor>) => tf.Tensor,
  facts: Facts,
): LossPart =>
  lossPart(({ rate, robs, ...parameters }, { logRate }) => {
    const known = parameters as Record<UnitParameter, tf.Tensor>;
    return each({ ...known, rate: logRate ? tf.exp(rate) : rate, robs });
  }, facts);

/** `loss` of a model's configuration → loss. Rates are the means of the responses for every loss. */
export const lossParts: Readonly<Record<string, LossPart>> = {
  poisson: lossPart(({ rate, robs }, how) => poissonOf(rate, robs, how), {
    fits: "nonNegative",
    isOfCounts: true,
  }),
  zero_inflated_poisson: ofMean(
    ({ rate, robs, silent }) => zeroInflatedPoissonOf(tf.div(rate, tf.sub(1, silent)), robs, silent),
    { fits: "nonNegative", isOfCounts: true, unitParameters: ["silent"] },
  ),
  mse: ofMean(squaredError, {}),
  gaussian: ofMean(gaussianLoss, { unitParameters: ["variance"] }),
  gamma: ofMean(gammaLoss, { fits: "positive", unitParameters: ["shape"] }),
  zero_inflated_gamma: ofMean(zeroInflatedGammaLoss, {
    fits: "nonNegative",
    unitParameters: ["silent", "shape"],
  }),
};

/**
 * Makes a loss that configurations can name, as an export of a module: `loss: ./my_loss.ts#mine` in the model's file. As with the
 * library's losses, masked values are ignored, and the result is the mean within each session, then over sessions.
 *
 * @param each returns the loss of every sample and unit, `[B, U]`, from rates (spikes per bin) and responses, both `[B, U]`: column u is unit
 * u of the sample's session. Traced.
 * @example
 * export const squared = defineLoss(({ rate, robs }) => tf.squaredDifference(rate, robs));
 */
export function defineLoss(each: (inputs: { rate: tf.Tensor2D; robs: tf.Tensor2D }) => tf.Tensor): LossPart {
  return lossPart(
    ({ rate, robs }, { logRate }) => each({ rate: logRate ? (tf.exp(rate) as tf.Tensor2D) : rate, robs }),
    { isOfCounts: true },
  );
}

/** Returns the loss with a name. @throws ConfigError for an unknown name, or an export that is not a loss */
export function lossOf(name: string, at: Place): LossPart {
  return partOf("loss", lossParts, name, at);
}
