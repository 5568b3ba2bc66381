/// <reference types="node" preserve="true" />
/// <reference types="long" preserve="true" />

export { ConfigError, type Problem } from "./base/config";
export {
  type Bundle,
  clearOutput,
  DISPLAY,
  type Displayable,
  type DisplayHandle,
  display,
  inNotebook,
  input,
  newDisplay,
  record,
  Table,
  updateDisplay,
} from "./base/jupyter";
export { CurriculumCallback } from "./callbacks/curriculum";
export { EarlyStopping, type EarlyStoppingOptions } from "./callbacks/early-stopping";
export { Freeze, type FreezeOptions } from "./callbacks/freeze";
export { EpochHeartbeat, Heartbeat } from "./callbacks/heartbeat";
export { HistogramMonitor, type HistogramMonitorOptions } from "./callbacks/histograms";
export { CSVLogger } from "./callbacks/loggers/csv";
export { MLflowLogger, type MLflowLoggerOptions } from "./callbacks/loggers/mlflow";
export { TensorBoardLogger } from "./callbacks/loggers/tensorboard";
export { WandbOfflineLogger, type WandbOfflineLoggerOptions } from "./callbacks/loggers/wandb";
export { ModelCheckpoint, type ModelCheckpointOptions } from "./callbacks/model-checkpoint";
export { ProgressLine } from "./callbacks/progress";
export {
  DeviceStatsMonitor,
  LearningRateMonitor,
  type LearningRateMonitorOptions,
} from "./callbacks/stats";
export { TimeBudgetCallback, type TimeBudgetOptions } from "./callbacks/time-budget";
export { EMAWeightAveraging, type EMAWeightAveragingOptions } from "./callbacks/weight-averaging";
export {
  contrastScores,
  loadSessions,
  type PreparedSession,
  readSession,
  readTruth,
  type Session,
  type SimulateOptions,
  sessionSummary,
  simulateSessions,
  trueRates,
  type UnitTruth,
  writeSession,
} from "./data";
export {
  type BatchSampler,
  ByDatasetBatchSampler,
  ContrastWeightedSampler,
  DistributedSampler,
  defineSampler,
  type SampleBatch,
  type SamplerOptions,
  type SamplerRequest,
} from "./data/samplers";
export { MultiDatasetDM, type MultiDatasetOptions, type SessionBatch } from "./data/serving/multi-dataset";
export { LaunchError } from "./distributed";
export {
  type Compiled,
  type CompileOptions,
  type Conv3dOptions,
  compile,
  configureEngine,
  conv3d,
  type Device,
  Draws,
  devices,
  dropout,
  type EngineSettings,
  type FunctionSummary,
  memory,
  type OpTime,
  OutOfMemoryError,
  type Precision,
  type PrecisionName,
  StatelessRng,
  TensorFlowError,
  TensorFlowNotFound,
  tf,
} from "./engine";
export { type EvaluateOptions, evaluate } from "./evaluation/evaluate";
export { Evaluation, type TriggeredPicture, type UnitScores } from "./evaluation/evaluation";
export { bestPossible } from "./evaluation/repeats";
export { type Comparison, compareRuns, writeComparison } from "./evaluation/report/compare";
export { type FollowOptions, followEvents } from "./evaluation/report/follow";
export { ModelLoggingCallback, type ModelLoggingOptions } from "./evaluation/report/model-logging";
export { type CheckpointFile, openRun, RecordedRun } from "./evaluation/report/open-run";
export { type ReportOptions, writeReport } from "./evaluation/report/report";
export type { SaccadeTriggered } from "./evaluation/triggered";
export {
  type ArrayBatches,
  type ArrayBatchesOptions,
  type Arrays,
  arrayBatches,
} from "./layers/array-batches";
export { indexBatches } from "./layers/index-batches";
export {
  type Examples,
  type LayersModel,
  type LayersModuleOptions,
  layersModule,
} from "./layers/layers-module";
export { losses } from "./losses";
export {
  defineLoss,
  type Loss,
  type LossPart,
  poissonLoss,
  zeroInflatedPoissonLoss,
} from "./losses/counts";
export {
  BitsPerSpike,
  correlation,
  type EventTriggered,
  eventTriggeredAverage,
  findSaccades,
  type RepeatScores,
  repeatScores,
  type Saccade,
  type SaccadeOptions,
  type SpikeTriggeredInput,
  spikeTriggeredAverages,
} from "./metrics";
export {
  type AlignedResponses,
  alignFixations,
  type FixationInput,
  type FixationOptions,
  noiseCorrelations,
  psth,
} from "./metrics/fixation-responses";
export type { Measure } from "./metrics/measure";
export { metrics } from "./metrics/measures";
export { type Rescaled, type RescaleInput, type RescaleMode, rescaleRates } from "./metrics/rescale";
export {
  buildModel,
  Model,
  type ModelConfig,
  type ModelInput,
  type ModelOutputs,
  parseModelConfig,
  readModelConfig,
  type StageName,
} from "./model";
export { defineRegularizer, type RegularizerConfig, type RegularizerPart } from "./model/regularizers/config";
export { Regularization } from "./model/regularizers/regularization";
export type { EffectiveStep, Penalty, Proximal, Regularizer } from "./model/regularizers/regularizer";
export {
  below,
  Chain,
  type Component,
  component,
  type DrawsLike,
  type Mode,
  type Parameter,
  type Place,
  type Plan,
  planConvBlock,
  prefixed,
  problemAt,
  type Rng,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type WeightSpec,
  type Weights,
} from "./nn";
export {
  constant,
  type Initializer,
  normal,
  ones,
  orthogonal,
  uniformByFanIn,
  zeros,
} from "./nn/initializers";
export type { Curve } from "./plots/bounded-curve";
export { Curves, type CurvesOptions, type CurvesPanel, curvesFigure } from "./plots/curves";
export { Figure } from "./plots/figure";
export { type Png, toPng } from "./plots/image";
export { LivePlot } from "./plots/live-plot";
export { type MasksView, masksFigure } from "./plots/masks";
export type { Arrangement, Axis, ImageMark, Mark, Panel } from "./plots/panel";
export { type SessionView, sessionFigure } from "./plots/session";
export { type KernelView, spatialKernelsFigure } from "./plots/spatial-kernels";
export {
  type SaccadesView,
  type SpikeTriggeredView,
  saccadesFigure,
  spikeTriggeredFigure,
} from "./plots/triggered";
export { kernelsFigure, type Position, positionsFigure, ratesFigure } from "./plots/twin";
export type { BatchResult, Callback, Drawable, FitContext } from "./protocols/callback";
export type {
  EpochRecord,
  Metrics,
  Observer,
  RecordedEvent,
  Stopped,
  TrainerEvent,
} from "./protocols/events";
export { fromModule } from "./protocols/factory-reference";
export type {
  ArrayValues,
  Batch,
  Batches,
  BatchRequest,
  BatchSource,
  FactoryReference,
  Log,
  Recipe,
  TracedBatch,
  TrainedParameter,
  TrainingLoss,
  TrainingModule,
} from "./protocols/module";
export { type LoadWeightsOptions, loadWeights, type WeightsReport } from "./trainer/checkpoint/load-weights";
export { bestCheckpoint, type ScannedCheckpoint, scanCheckpoints } from "./trainer/checkpoint/scan";
export type { BatchSizeRange, LearningRateRange, LearningRates } from "./trainer/find";
export {
  Adam,
  type AdamOptions,
  AdamW,
  type AdamWOptions,
  type ClipAlgorithm,
  type CommonOptimizerOptions,
  type Constraint,
  defineOptimizer,
  Lion,
  type LionOptions,
  Muon,
  type MuonOptions,
  type Optimized,
  type Optimizer,
  type OptimizerFactory,
  type OptimizerInputs,
  type OptimizerOptions,
  type OptimizerReport,
  type OptimizerStep,
  type OptimizerVariable,
  type OwnVariable,
  SGD,
  type SGDOptions,
  StepOptimizer,
  type StepOptions,
} from "./trainer/optim";
export type { TrainerOptions } from "./trainer/options";
export type { Run } from "./trainer/run";
export {
  defineScheduler,
  makeSchedule,
  type OneCycleOptions,
  type RestartOptions,
  type Schedule,
  type SchedulerOptions,
  type ScheduleState,
  type WarmupOptions,
} from "./trainer/schedulers";
export { summary } from "./trainer/summary";
export { Trainer } from "./trainer/trainer";
export { BatchModule, type RandomBatches, type ReadyBatch, randomBatches } from "./twin/batch-module";
export { type ExperimentFiles, loadExperiment } from "./twin/experiment";
export { type ImportTorchOptions, type ImportTorchReport, importTorch } from "./twin/import-torch";
export { loadPretrained, type PretrainedOptions, type PretrainedReport } from "./twin/pretrained";
export { modelSummary, TwinModule } from "./twin/twin-module";
