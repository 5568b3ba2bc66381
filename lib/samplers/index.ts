export { batchOf, type SampleBatch } from "./batches";
export { ByDatasetBatchSampler, type ByDatasetBatchSamplerOptions } from "./by-dataset";
export { ContrastWeightedSampler, type ContrastWeightedSamplerOptions } from "./contrast-weighted";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed";
export { EPOCH_LENGTHS, type EpochLength, epochShares, shareOf } from "./epoch-share";
export { offsets } from "./offsets";
