/**
 * Losses of models of your own, and of spike counts.
 *
 * @module gradbook/losses
 */

import { binaryCrossEntropy, crossEntropy } from "./classification";
import { huber, meanAbsoluteError, meanSquaredError, poisson } from "./regression";

export {
  type DatasetLosses,
  type PoissonInputs,
  poissonLoss,
  type ValueSessions,
  zeroInflatedPoissonLoss,
} from "./counts";
export {
  defineLoss,
  type FittedResponses,
  type Loss,
  type LossInputs,
  type LossPart,
  type LossValues,
  type UnitParameter,
  type UnitParameters,
} from "./parts";

/**
 * Losses for user-defined modules, computed from a model's output and the samples' targets. Each returns one number for each sample,
 * `[B]`, which a module may return directly.
 */
export const losses = {
  /** Cross-entropy of scores before a softmax. */
  crossEntropy,
  /** Cross-entropy of scores before a sigmoid. */
  binaryCrossEntropy,
  /** The mean of squared differences. */
  meanSquaredError,
  /** The mean of absolute differences. */
  meanAbsoluteError,
  /** Squared differences near 0, absolute ones beyond. */
  huber,
  /** The Poisson loss of rates, for counts. */
  poisson,
} as const;
