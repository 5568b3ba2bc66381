/**
 * The trainer, optimizers, learning rate schedules and checkpoints.
 *
 * @module gradbook/trainer
 */

export { type LoadWeightsOptions, loadWeights, type WeightsReport } from "./checkpoint/load-weights";
export { bestCheckpoint, type ScannedCheckpoint, scanCheckpoints } from "./checkpoint/scan";
export type { BatchSizeRange, LearningRateRange, LearningRates } from "./find";
export { Adam, type AdamOptions, type AdamSettings, AdamW, type AdamWOptions } from "./optim/adam";
export type { ClipAlgorithm } from "./optim/clip";
export type { CommonOptimizerOptions, OptimizerOptions } from "./optim/config";
export { Muon, type MuonOptions, type MuonSettings } from "./optim/muon";
export {
  type Constraint,
  type Optimized,
  type OptimizerInputs,
  type OptimizerReport,
  type OptimizerVariable,
  StepOptimizer,
  type StepOptions,
} from "./optim/optimizer";
export {
  defineOptimizer,
  type Optimizer,
  type OptimizerFactory,
  type OptimizerStep,
  type OwnVariable,
} from "./optim/own";
export {
  Lion,
  type LionOptions,
  type LionSettings,
  SGD,
  type SGDOptions,
  type SGDSettings,
} from "./optim/sgd";
export type { TrainerOptions } from "./options";
export type { Run } from "./run";
export { makeSchedule, type SchedulerOptions } from "./schedulers/config";
export type { IntervalOptions, RestartOptions, WarmupOptions } from "./schedulers/cosine";
export type { OneCycleOptions } from "./schedulers/one-cycle";
export { defineScheduler, type Schedule, type ScheduleState } from "./schedulers/schedule";
export { summary } from "./summary";
export { Trainer } from "./trainer";
