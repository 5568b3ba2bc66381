export { ByDatasetBatchSampler } from "./by-dataset";
export { ContrastWeightedSampler } from "./contrast-weighted";
export { DistributedSampler } from "./distributed";
export { EPOCH_LENGTHS, type EpochLength, epochShares, shareOf } from "./permutation";
export {
  type BatchSampler,
  batchOf,
  defineSampler,
  makeSampler,
  offsets,
  parseSampler,
  type SampleBatch,
  type SamplerOptions,
  type SamplerRequest,
} from "./sampler";
