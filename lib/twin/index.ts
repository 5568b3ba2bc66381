/**
 * Digital twins: a model and its sessions as a training module.
 *
 * @module gradbook/twin
 */

export { BatchModule, type RandomBatches, type ReadyBatch, randomBatches } from "./batch-module";
export { type ExperimentFiles, loadExperiment } from "./experiment";
export { type ExportLightningOptions, type ExportLightningReport, exportLightning } from "./export-lightning";
export { type ImportTorchOptions, type ImportTorchReport, importTorch } from "./import-torch";
export { loadPretrained, type PretrainedOptions, type PretrainedReport } from "./pretrained";
export { modelSummary, TwinModule } from "./twin-module";
