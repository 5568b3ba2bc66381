import type { BatchRequest } from "../../protocols/module";
import { joined } from "../ops";
import { ByDatasetBatchSampler } from "../samplers/by-dataset";
import { ContrastWeightedSampler } from "../samplers/contrast-weighted";
import { DistributedSampler } from "../samplers/distributed";
import { type EpochLength, epochShares, shareOf } from "../samplers/permutation";
import {
  type BatchSampler,
  batchOf,
  makeSampler,
  type parseSampler,
  type SampleBatch,
} from "../samplers/sampler";

/** Options of the order of samples in batches. */
export interface BatchOrderOptions {
  /** Whether each batch has samples of only one session, drawn in proportion to its size. */
  readonly homogeneousBatches: boolean;
  readonly epochLength: EpochLength;
  /** Whether to omit a last batch that is not full, instead of padding it with samples of no session. */
  readonly dropLast: boolean;
  /** The number of steps until the curriculum ends. */
  readonly warmupSteps: number;
  /** The checked options of a user's sampler. */
  readonly sampler?: ReturnType<typeof parseSampler> | undefined;
}

/**
 * Batches of an epoch of training, and of validation, as numbers of samples. Each batch is a function of the request and its number
 * alone. Ranks therefore need no communication, a resumed run continues by position, and batches can be made ahead. The same compiled step
 * serves homogeneous and mixed batches.
 */
export class BatchOrder {
  private readonly own: BatchSampler | undefined;

  /**
   * @param sizes the number of samples of each session
   * @param contrast the contrast of each sample of each session, for a curriculum
   */
  constructor(
    private readonly sizes: readonly number[],
    private readonly options: BatchOrderOptions,
    private readonly contrast?: readonly Float32Array[],
  ) {
    this.own = options.sampler && makeSampler(options.sampler, this.shares);
  }

  /** Returns the number of batches of an epoch on each rank. */
  count(batchSize: number, worldSize = 1): number {
    if (this.own) return this.own.count(batchSize, worldSize);
    const { homogeneousBatches, dropLast } = this.options;
    const whole = dropLast ? Math.floor : Math.ceil;
    const total = sum(this.shares);
    return homogeneousBatches
      ? whole(whole(total / batchSize) / worldSize)
      : whole(whole(total / worldSize) / batchSize);
  }

  /** Generates the training batches of one pass. */
  *train(request: BatchRequest): Generator<SampleBatch> {
    const { seed, pass } = request;
    const shares = this.shares.map((share, dataset) =>
      shareOf(this.sizes[dataset]!, share, { seed, epoch: pass, dataset }),
    );
    const contrast = this.contrast?.map((of, d) =>
      Float32Array.from({ length: this.shares[d]! }, (_, place) => of[shares[d]!(place)]!),
    );
    const { own, options } = this;
    const ofLibrary = () =>
      options.homogeneousBatches ? this.homogeneous(request, contrast) : this.mixed(request, contrast);
    const batches = own ? own.batches(request) : ofLibrary();
    for (const { dataset, index } of batches) {
      yield { dataset, index: index.map((i, k) => (dataset[k]! < 0 ? 0 : shares[dataset[k]!]!(i))) };
    }
  }

  /**
   * Generates validation batches with each sample once over all ranks. The order depends only on the seed: a part of the batches includes
   * every session and is the same each time. All ranks have the same number of batches, padded with samples of no session.
   *
   * @param sizes samples of each session
   */
  static *validation(
    sizes: readonly number[],
    { batchSize, seed, from = 0, rank = 0, worldSize = 1 }: BatchRequest,
  ): Generator<SampleBatch> {
    const total = sum(sizes);
    const order = new DistributedSampler(total, { seed, rank, worldSize });
    // No padding with repeated samples as in training: each sample counts once.
    const own = Math.ceil((total - rank) / worldSize);
    const toBatch = batchOf(sizes, batchSize);
    for (let at = from * batchSize; at < order.length; at += batchSize)
      yield toBatch(order.indices(at, Math.min(at + batchSize, own)));
  }

  private get shares(): number[] {
    return epochShares(this.sizes, this.options.epochLength);
  }

  private *mixed(
    { batchSize, seed, pass, from = 0, stepOf, rank = 0, worldSize = 1 }: BatchRequest,
    contrast: readonly Float32Array[] | undefined,
  ): Generator<SampleBatch> {
    const { warmupSteps, dropLast } = this.options;
    const { shares } = this;
    const where = { seed, rank, worldSize, dropLast };
    const toBatch = batchOf(shares, batchSize);
    const count = this.count(batchSize, worldSize);
    if (!contrast) {
      const sampler = new DistributedSampler(sum(shares), where);
      sampler.setEpoch(pass);
      for (let b = from; b < count; b++) yield toBatch(sampler.indices(b * batchSize, (b + 1) * batchSize));
      return;
    }
    const sampler = new ContrastWeightedSampler(joined(Float32Array, contrast), { ...where, warmupSteps });
    sampler.setEpoch(pass);
    const draws = sampler.indices(from * batchSize);
    for (let b = from; b < count; b++) {
      sampler.setStep(stepOf?.(b) ?? 0);
      const taken: number[] = [];
      while (taken.length < batchSize) {
        const { value, done } = draws.next();
        if (done) break;
        taken.push(value);
      }
      yield toBatch(Int32Array.from(taken));
    }
  }

  private *homogeneous(
    { batchSize, seed, pass, from = 0, stepOf, rank = 0, worldSize = 1 }: BatchRequest,
    contrast: readonly Float32Array[] | undefined,
  ): Generator<SampleBatch> {
    const { warmupSteps } = this.options;
    // Each rank takes a stride of a global batch, so that all ranks have the same session in a step, as in one process.
    const sampler = new ByDatasetBatchSampler(this.shares, {
      batchSize: batchSize * worldSize,
      seed,
      warmupSteps,
      ...(contrast ? { contrast } : {}),
    });
    sampler.setEpoch(pass);
    for (let b = from; b < this.count(batchSize, worldSize); b++) {
      sampler.setStep(stepOf?.(b) ?? 0);
      const { dataset, index } = sampler.batch(b);
      const own = (_: number, i: number) => i % worldSize === rank;
      yield { dataset: dataset.filter(own), index: index.filter(own) };
    }
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
