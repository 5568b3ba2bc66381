export { type SampleBatch, sampleBatches } from "./batches";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed";
export { offsets } from "./offsets";
