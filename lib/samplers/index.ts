export { type SampleBatch, sampleBatches } from "./batches";
export { ByDatasetBatchSampler, type ByDatasetBatchSamplerOptions } from "./by-dataset";
export { ContrastWeightedSampler, type ContrastWeightedSamplerOptions } from "./contrast-weighted";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed";
export { offsets } from "./offsets";
