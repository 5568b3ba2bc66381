import { z } from "zod";
import { check, checkTyped, type Part, part, partOf, type UserType } from "../../base/config";

/** A request for batches of a sampler. A batch is a function of the request and its number, so that a run can be resumed by position. */
export interface SamplerRequest {
  /** The number of samples in a batch of this process. */
  readonly batchSize: number;
  readonly seed: number;
  /** The pass over the data, from 0. */
  readonly pass: number;
  /** The number of the first batch. Default 0. */
  readonly from?: number;
  /** Returns the optimizer step that a batch of this pass is used in. */
  readonly stepOf?: (batch: number) => number;
  /** The number of this process, and the number of processes. Defaults 0 and 1. */
  readonly rank?: number;
  readonly worldSize?: number;
}

/** The order in which the samples of several sessions become batches. */
export interface BatchSampler {
  /** Returns the number of batches of a pass on each of `worldSize` processes. */
  count(batchSize: number, worldSize: number): number;
  /** Returns the batches of a pass on one process: `count` batches of `batchSize` samples each. */
  batches(request: SamplerRequest): Iterable<SampleBatch>;
}

/** A sampler that configurations can name. */
export type SamplerPart = Part<"sampler", [sizes: readonly number[]], BatchSampler>;

/**
 * Makes a sampler that options can name, as an export of a module: `sampler: { type: "./my_sampler.ts#mine" }`.
 *
 * @param options a schema for its options
 * @param make returns the sampler from checked options and the number of samples of each session in an epoch
 */
export function defineSampler<S extends z.ZodType>(
  options: S,
  make: (options: z.output<S>, sizes: readonly number[]) => BatchSampler,
): SamplerPart {
  return part("sampler", options, make);
}

/** A sampler and its options. */
export interface SamplerOptions {
  type: UserType;
  [option: string]: unknown;
}

const schema = z.looseObject({
  type: z.string().refine((type) => type.includes("#"), {
    error:
      "must name an export of a module, ./file.ts#name; the library's samplers are chosen by `homogeneousBatches` and `enableCurriculum`",
  }),
});

/** Checks a sampler's options. @throws ConfigError for an export that is not a sampler, and for options that it does not take */
export function parseSampler(value: unknown): { readonly type: string; readonly own: unknown } {
  const options = check(schema, value, "sampler");
  const kind = { kind: "sampler" as const, library: {}, common: z.strictObject({}) };
  return checkTyped<SamplerPart, Record<string, never>>(kind, options, { where: "sampler", path: "" });
}

/** Makes a sampler from checked options. */
export function makeSampler(
  { type, own }: ReturnType<typeof parseSampler>,
  sizes: readonly number[],
): BatchSampler {
  const at = { where: "MultiDatasetDM", path: "sampler" };
  return partOf<SamplerPart>("sampler", {}, type, at).make(own, at, sizes);
}

/** Returns the start of each of several consecutive parts. */
export function offsets(lengths: readonly number[]): number[] {
  let next = 0;
  return lengths.map((length) => {
    const start = next;
    next += length;
    return start;
  });
}

/** The samples of one batch: the dataset of each, and its index there. A batch always has the full length. */
export interface SampleBatch {
  dataset: Int32Array;
  index: Int32Array;
}

/**
 * Makes batches of one length from sample numbers that count through all datasets, so that one compiled step serves all batches.
 * Incomplete batches are padded with dataset -1, to which no unit belongs.
 *
 * @param sizes the number of samples of each dataset
 */
export function batchOf(sizes: readonly number[], batchSize: number): (taken: Int32Array) => SampleBatch {
  const starts = offsets(sizes);
  return (taken) => {
    const [dataset, index] = [new Int32Array(batchSize).fill(-1), new Int32Array(batchSize)];
    taken.forEach((sample, i) => {
      const d = starts.findLastIndex((start) => start <= sample);
      dataset[i] = d;
      index[i] = sample - starts[d]!;
    });
    return { dataset, index };
  };
}
