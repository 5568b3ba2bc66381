export { batchOf, type SampleBatch } from "./batches";
export { ByDatasetBatchSampler } from "./by-dataset";
export { ContrastWeightedSampler } from "./contrast-weighted";
export { DistributedSampler } from "./distributed";
export { EPOCH_LENGTHS, type EpochLength, epochShares, shareOf } from "./epoch-share";
export { offsets } from "./offsets";
export {
  type BatchSampler,
  defineSampler,
  makeSampler,
  parseSampler,
  type SamplerOptions,
  type SamplerRequest,
} from "./sampler";
