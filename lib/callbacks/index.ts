/**
 * Callbacks, observers and loggers of the library.
 *
 * @module gradbook/callbacks
 */

export { CurriculumCallback, type StepDependentSampler } from "./curriculum";
export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping";
export { Freeze, type FreezeOptions } from "./freeze";
export { EpochHeartbeat, Heartbeat } from "./heartbeat";
export { HistogramMonitor, type HistogramMonitorOptions } from "./histograms";
export { CSVLogger } from "./loggers/csv";
export { MLflowLogger, type MLflowLoggerOptions } from "./loggers/mlflow";
export { TensorBoardLogger } from "./loggers/tensorboard";
export { WandbOfflineLogger, type WandbOfflineLoggerOptions } from "./loggers/wandb";
export { ModelCheckpoint, type ModelCheckpointOptions, type Ranked } from "./model-checkpoint";
export { ProgressLine, type ProgressLineOptions } from "./progress";
export { DeviceStatsMonitor, LearningRateMonitor, type LearningRateMonitorOptions } from "./stats";
export { TimeBudgetCallback, type TimeBudgetOptions } from "./time-budget";
export { EMAWeightAveraging, type EMAWeightAveragingOptions } from "./weight-averaging";
