export type { ModelBatch } from "./batch";
export { biasForRate, initReadoutBias } from "./bias";
export { type ModelConfig, parseModelConfig, readModelConfig } from "./config";
export { notesOfDerived } from "./derived";
export { buildModel, Model } from "./model";
export { planModel } from "./plan";
export type { ModelInput, ModelOutputs, ModelPlan, SessionStages, StageName } from "./planned";
export { type ModelWeight, WEIGHT_PREFIXES, type WeightedPart } from "./weights";
