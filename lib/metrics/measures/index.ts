import { meanAbsoluteError, meanSquaredError } from "../../losses/regression";
import { accuracy, binaryAccuracy } from "./accuracy";
import { auc } from "./auc";
import { correlation, r2, rootMeanSquaredError } from "./regression";

/**
 * Metrics for modules of one's own, from a model's output and the samples' targets: one number for each sample, `[B]`, or a measure
 * of all samples together. Both are right over all samples of a validation, whatever its batches are.
 */
export const metrics = {
  accuracy,
  binaryAccuracy,
  auc,
  meanSquaredError,
  meanAbsoluteError,
  rootMeanSquaredError,
  r2,
  correlation,
} as const;
