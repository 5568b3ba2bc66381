/**
 * Digital twins: a model and its sessions as a training module.
 *
 * @module gradbook/twin
 */

export { BatchModule, type RandomBatches, type ReadyBatch, randomBatches } from "./batch-module";
export { type DeferredExperiment, deferExperiment } from "./defer-experiment";
export { type ExperimentFiles, loadExperiment } from "./experiment";
export { type ExportLightningOptions, type ExportLightningReport, exportLightning } from "./export-lightning";
export { type ImportTorchOptions, type ImportTorchReport, importTorch } from "./import-torch";
export { type LoadTwinOptions, loadTwin } from "./load-twin";
export { loadPretrained, type PretrainedOptions, type PretrainedReport } from "./pretrained";
export type { TrustOptions } from "./recorded-twin";
export type { Covariates } from "./responder";
export type { FrameSize, FramesOptions, Movie, MovieParts, Stimulus, TwinView } from "./stimulus";
export {
  type Activations,
  type ChosenUnits,
  type Rates,
  type RespondOptions,
  Twin,
  type TwinSession,
} from "./twin";
export { modelSummary, TwinModule } from "./twin-module";
