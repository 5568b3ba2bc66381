import { binaryCrossEntropy, crossEntropy } from "./classification";
import { huber, meanAbsoluteError, meanSquaredError, poisson } from "./regression";

/**
 * Losses for modules of one's own, from a model's output and the samples' targets. Each gives one number for each sample, `[B]`, which
 * a module may return as it is.
 */
export const losses = {
  crossEntropy,
  binaryCrossEntropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  poisson,
} as const;
