/**
 * Scores of twins, recorded runs, reports and comparisons.
 *
 * @module gradbook/evaluation
 */

export { type EvaluateOptions, evaluate } from "./evaluate";
export {
  Evaluation,
  type EvaluationExtras,
  type TriggeredPicture,
  type UnitScores,
} from "./evaluation";
export type { AlignedFixations, SessionNote } from "./fixations";
export { bestPossible } from "./repeats";
export { type Comparison, compareRuns, writeComparison } from "./report/compare";
export { type ComparedTwins, type CompareTwinsOptions, compareTwins } from "./report/compare-twins";
export type { EventSummary } from "./report/event-summary";
export { type FollowOptions, followEvents } from "./report/follow";
export { ModelLoggingCallback, type ModelLoggingOptions } from "./report/model-logging";
export { type CheckpointFile, openRun, RecordedRun } from "./report/open-run";
export { type ReportOptions, writeReport } from "./report/report";
export type { SaccadeTriggered } from "./triggered";
export type { ZMap, ZMapPicture } from "./z-maps";
