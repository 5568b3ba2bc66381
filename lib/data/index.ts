/**
 * Recordings: session files, preparation, samplers, batches and simulated sessions.
 *
 * @module gradbook/data
 */

export { contrastScores } from "./contrast";
export { type LoadOptions, loadSessions, readTruth, sessionSummary, trueRates } from "./load";
export type { MovieInFile } from "./movie-file";
export type { MovieRange, MovieShape, MovieSource, StoredMovie } from "./movie-source";
export type { PreparedSession } from "./prepare-recording";
export type { MovieReader } from "./read-recording";
export { readSession } from "./read-session";
export { RESPONSE_KINDS, type ResponseKind } from "./responses";
export { ByDatasetBatchSampler, type ByDatasetBatchSamplerOptions } from "./samplers/by-dataset";
export { ContrastWeightedSampler, type ContrastWeightedSamplerOptions } from "./samplers/contrast-weighted";
export { DistributedSampler, type DistributedSamplerOptions } from "./samplers/distributed";
export {
  type BatchSampler,
  defineSampler,
  type SampleBatch,
  type SamplerOptions,
  type SamplerPart,
  type SamplerRequest,
} from "./samplers/sampler";
export type { MovieLimits } from "./serving/device-budget";
export { MultiDatasetDM, type MultiDatasetOptions, type SessionBatch } from "./serving/multi-dataset";
export type { Samples } from "./serving/resident";
export type { OtherCovariate, Recording, ResponseValues, Session } from "./session";
export { type SimulatedSession, type SimulateOptions, simulateSessions } from "./simulate";
export type { UnitTruth } from "./simulate/unit";
export { writeSession } from "./write-session";
