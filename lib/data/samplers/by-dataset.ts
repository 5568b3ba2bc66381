import { Random } from "../../base/random";
import type { SampleBatch } from "./batches";
import { Curriculum, checkContrast, largest } from "./curriculum";
import { weightedDraw } from "./weighted-draw";

export interface ByDatasetBatchSamplerOptions {
  batchSize: number;
  /** Default 0. */
  seed?: number;
  /** Default true; without it the datasets take turns, and the samples of each come in order. */
  shuffle?: boolean;
  /** As many batches as are full, instead of one more for the rest. Default false. */
  dropLast?: boolean;
  /** Of each sample of each dataset, for the weights of `ContrastWeightedSampler`. Default: all samples count alike. */
  contrast?: readonly ArrayLike<number>[];
  /** Steps until all samples count alike. Default 8000. */
  warmupSteps?: number;
}

/**
 * Batches of one dataset each, always full. The dataset of a batch is drawn in proportion to its size, then samples in it by
 * weight, without replacement within the batch when enough of them have one. An epoch has as many batches as the samples of
 * all datasets would fill.
 *
 * Each batch is a function of seed, epoch, its number and the step: batches are made as they are taken.
 */
export class ByDatasetBatchSampler {
  private epoch = 0;
  private readonly options: Required<Omit<ByDatasetBatchSamplerOptions, "contrast" | "warmupSteps">>;
  /** Of each dataset: its contrasts, how many are over 0, and the largest. */
  private readonly contrast: readonly { of: ArrayLike<number>; seen: number; most: number }[] | undefined;
  private readonly curriculum: Curriculum;

  /**
   * @param sizes samples of each dataset
   * @throws RangeError for a dataset without samples, and contrasts that do not fit
   */
  constructor(
    private readonly sizes: readonly number[],
    { contrast, warmupSteps = 8000, ...options }: ByDatasetBatchSamplerOptions,
  ) {
    const empty = sizes.findIndex((size) => !(size > 0));
    if (empty >= 0) throw new RangeError(`ByDatasetBatchSampler: dataset ${empty} has no samples`);
    if (contrast && String(contrast.map((c) => c.length)) !== String(sizes))
      throw new RangeError(`contrast is for [${contrast.map((c) => c.length)}] samples, not [${sizes}]`);
    contrast?.forEach(checkContrast);
    this.contrast = contrast?.map((of) => ({
      of,
      seen: positives(of),
      most: largest(of),
    }));
    this.curriculum = new Curriculum(contrast ? warmupSteps : 0);
    this.options = { seed: 0, shuffle: true, dropLast: false, ...options };
  }

  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  /** @param step global: optimizer steps since the training began */
  setStep(step: number): void {
    this.curriculum.setStep(step);
  }

  /** Of a batch to be of each dataset. */
  probabilities(): number[] {
    return this.sizes.map((size) => size / this.total);
  }

  get batchCount(): number {
    const batches = this.total / this.options.batchSize;
    return this.options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** @param from the first batch to give. Default 0. */
  *batches(from = 0): Generator<SampleBatch> {
    for (let i = from; i < this.batchCount; i++) yield this.batch(i);
  }

  /** One batch of the epoch, as of now. Numbers beyond the last have batches too: ranks share an epoch by them. */
  batch(i: number): SampleBatch {
    const { sizes, options } = this;
    const { batchSize, shuffle, seed } = options;
    const own = new Random(seed, `batches ${this.epoch}`).fork(String(i));
    const dataset = shuffle
      ? weightedDraw(own, sizes.length, (d) => sizes[d]!, Math.max(...sizes))
      : i % sizes.length;
    const index = shuffle ? this.drawn(own, dataset) : this.inOrder(dataset, Math.floor(i / sizes.length));
    return { dataset: new Int32Array(batchSize).fill(dataset), index };
  }

  private get total(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The samples of a dataset's turn; after its last sample come its first ones again. */
  private inOrder(dataset: number, turn: number): Int32Array {
    const { batchSize } = this.options;
    return Int32Array.from({ length: batchSize }, (_, i) => (turn * batchSize + i) % this.sizes[dataset]!);
  }

  private drawn(random: Random, dataset: number): Int32Array {
    const { batchSize } = this.options;
    const { curriculum } = this;
    const contrast = this.contrast?.[dataset];
    const size = this.sizes[dataset]!;
    const weight = (i: number) => (contrast ? curriculum.weight(contrast.of[i]!) : 1);
    const most = contrast ? curriculum.weight(contrast.most) : 1;
    const candidates = contrast && !curriculum.over ? contrast.seen : size;
    const taken = new Set<number>();
    const once = (i: number) => (taken.has(i) ? 0 : weight(i));
    return Int32Array.from({ length: batchSize }, () => {
      const i = weightedDraw(random, size, candidates >= batchSize ? once : weight, most);
      taken.add(i);
      return i;
    });
  }
}

function positives(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > 0) count++;
  return count;
}
