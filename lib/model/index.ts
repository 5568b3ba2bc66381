export type { ModelBatch } from "./batch";
export { biasForRate, initReadoutBias } from "./bias";
export { buildModel } from "./build";
export { type ModelConfig, parseModelConfig, readModelConfig } from "./config";
export { Model, type ReadoutPosition, type SummaryRow } from "./model";
export { type ModelInput, type ModelOutputs, type ModelPlan, planModel, type StageName } from "./plan";
