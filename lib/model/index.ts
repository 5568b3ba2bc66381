/**
 * Models of visual cortex: their configurations, stages and regularizers.
 *
 * @module gradbook/model
 */

export type { ModelBatch } from "./batch";
export { buildModel } from "./build-model";
export { type ModelConfig, parseModelConfig, readModelConfig } from "./config";
export {
  Model,
  type ReadoutOutline,
  type ReadoutPosition,
  type SpatialKernel,
  type SummaryRow,
} from "./model";
export type {
  CoreStage,
  ModelInput,
  ModelOutputs,
  SessionStages,
  StageName,
  StageOptions,
  StageTap,
} from "./planned";
export type { RegularizerPart } from "./regularizers";
export { defineRegularizer, type RegularizerConfig } from "./regularizers/config";
export { type Constraint, type NamedParameter, Regularization } from "./regularizers/regularization";
export type {
  EffectiveStep,
  PenalizedWeight,
  Penalty,
  Proximal,
  Regularizer,
  WeightFrame,
} from "./regularizers/regularizer";
