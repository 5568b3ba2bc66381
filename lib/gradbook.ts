/**
 * The names that a notebook needs. The other parts of the library have separate paths, such as `gradbook/engine`.
 *
 * @module gradbook
 */

export { ConfigError, clearOutput, display, input, newDisplay, record, Table } from "./base";
export {
  CSVLogger,
  EarlyStopping,
  EMAWeightAveraging,
  Freeze,
  LearningRateMonitor,
  MLflowLogger,
  ModelCheckpoint,
  ProgressLine,
  TensorBoardLogger,
  WandbOfflineLogger,
} from "./callbacks";
export { defineSampler, readTruth, sessionSummary, trueRates } from "./data";
export { compile, configureEngine, devices, memory, StatelessRng, tf } from "./engine";
export {
  bestPossible,
  compareRuns,
  evaluate,
  ModelLoggingCallback,
  openRun,
  writeReport,
} from "./evaluation";
export { arrayBatches, layersModule } from "./layers";
export { defineLoss, losses } from "./losses";
export { metrics } from "./metrics";
export { defineRegularizer, readModelConfig } from "./model";
export { component } from "./nn";
export {
  Figure,
  kernelsFigure,
  LivePlot,
  positionsFigure,
  ratesFigure,
  sessionFigure,
  spatialKernelsFigure,
} from "./plots";
export {
  type Callback,
  fromModule,
  type Observer,
  type TrainerEvent,
  type TrainingModule,
} from "./protocols";
export {
  defineOptimizer,
  defineScheduler,
  loadWeights,
  type Run,
  summary,
  Trainer,
  type TrainerOptions,
} from "./trainer";
export { deferExperiment, importTorch, loadExperiment, loadPretrained, loadTwin, TwinModule } from "./twin";
