import { meanAbsoluteError, meanSquaredError } from "../../losses/regression";
import { accuracy, auc, binaryAccuracy } from "./classification";
import { correlation, r2, rootMeanSquaredError } from "./regression";

/**
 * Metrics for user-defined modules, computed from a model's output and the samples' targets: one number for each sample, `[B]`, or a
 * measure of all samples together. Both are exact over all samples of a validation, for any division into batches.
 */
export const metrics = {
  /** The share of samples whose highest score is the correct class. */
  accuracy,
  /** The share of outputs on the correct side of a threshold. */
  binaryAccuracy,
  /** The area under the ROC curve, exact. */
  auc,
  /** The mean of squared differences. */
  meanSquaredError,
  /** The mean of absolute differences. */
  meanAbsoluteError,
  /** The root of the mean of squared differences. */
  rootMeanSquaredError,
  /** The coefficient of determination, over all samples. */
  r2,
  /** Pearson's correlation, over all samples. */
  correlation,
} as const;
