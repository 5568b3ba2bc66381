import { meanAbsoluteError, meanSquaredError } from "../../losses/regression";
import { accuracy, auc, binaryAccuracy } from "./classification";
import { correlation, r2, rootMeanSquaredError } from "./regression";

/**
 * Metrics for user-defined modules, computed from a model's output and the samples' targets: one number for each sample, `[B]`, or a
 * measure of all samples together. Both are exact over all samples of a validation, for any division into batches.
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
