export type { ModelBatch } from "./batch";
export { biasForRate, initReadoutBias } from "./bias";
export { buildModel } from "./build";
export { type ModelConfig, parseModelConfig, readModelConfig } from "./config";
export { Model } from "./model";
export { type ModelInput, type ModelOutputs, planModel, type StageName } from "./plan";
