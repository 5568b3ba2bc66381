import { Random } from "../../base/random";
import { Curriculum, checkContrast, largest } from "./contrast-weighted";
import { weightedDraw } from "./permutation";
import type { SampleBatch } from "./sampler";

/** The options of `ByDatasetBatchSampler`. */
export interface ByDatasetBatchSamplerOptions {
  batchSize: number;
  /** Default 0. */
  seed?: number;
  /** Default true. If false, the datasets alternate, with the samples of each in order. */
  shuffle?: boolean;
  /** Omits a last batch that would not be full. Default false. */
  dropLast?: boolean;
  /** The contrast of each sample of each dataset, for the weights of `ContrastWeightedSampler`. Default: equal weights. */
  contrast?: readonly ArrayLike<number>[];
  /** The number of steps until all samples have equal weights. Default 8000. */
  warmupSteps?: number;
}

/**
 * Makes full batches of one dataset each. The dataset of a batch is drawn with a probability proportional to its size, then its samples
 * are drawn by weight, without replacement within the batch if enough samples have a weight over 0. The number of batches in an epoch is
 * that which the samples of all datasets would fill.
 *
 * Each batch is a function of seed, epoch, its number and the step, and is computed on demand.
 */
export class ByDatasetBatchSampler {
  private epoch = 0;
  private readonly options: Required<Omit<ByDatasetBatchSamplerOptions, "contrast" | "warmupSteps">>;
  /** The contrasts of each dataset, the number of contrasts over 0, and the largest one. */
  private readonly contrast: readonly { of: ArrayLike<number>; seen: number; most: number }[] | undefined;
  private readonly curriculum: Curriculum;

  /**
   * @param sizes the number of samples of each dataset
   * @throws RangeError for a dataset without samples, and for contrasts that do not match
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

  /** Sets the epoch, on which the order depends. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  /** Sets the step of the curriculum. @param step the global step: optimizer steps since the training began */
  setStep(step: number): void {
    this.curriculum.setStep(step);
  }

  /** Returns the probability of each dataset for a batch. */
  probabilities(): number[] {
    return this.sizes.map((size) => size / this.total);
  }

  /** The number of batches in an epoch. */
  get batchCount(): number {
    const batches = this.total / this.options.batchSize;
    return this.options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Generates the batches of the epoch. @param from the number of the first batch. Default 0. */
  *batches(from = 0): Generator<SampleBatch> {
    for (let i = from; i < this.batchCount; i++) yield this.batch(i);
  }

  /** Returns one batch of the epoch at the current step. Numbers beyond the last also have batches, which ranks use to share an epoch. */
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

  /** Returns the samples of a dataset's turn; after its last sample, it starts again from the first. */
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
