/**
 * Losses of models of your own, and of spike counts.
 *
 * @module gradbook/losses
 */

import { binaryCrossEntropy, crossEntropy } from "./classification";
import { huber, meanAbsoluteError, meanSquaredError, poisson } from "./regression";

export {
  type DatasetLosses,
  defineLoss,
  type Loss,
  type LossPart,
  type PoissonInputs,
  poissonLoss,
  zeroInflatedPoissonLoss,
} from "./counts";

/**
 * Losses for user-defined modules, computed from a model's output and the samples' targets. Each returns one number for each sample,
 * `[B]`, which a module may return directly.
 */
export const losses = {
  crossEntropy,
  binaryCrossEntropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  poisson,
} as const;
