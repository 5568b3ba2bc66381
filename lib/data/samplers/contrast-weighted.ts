import { Random } from "../../base/random";
import { Curriculum, checkContrast, largest } from "./curriculum";
import { DistributedSampler } from "./distributed";
import { weightedDraw } from "./weighted-draw";

export interface ContrastWeightedSamplerOptions {
  /** Steps until all samples count alike. Default 8000. */
  warmupSteps?: number;
  /** Default 0. */
  seed?: number;
  /** This process among `worldSize`. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
  /** Cut to equal lengths on all ranks instead of padding. Default false. */
  dropLast?: boolean;
}

/**
 * Frames with much to see first: in the warm-up a sample is drawn, with replacement, with a weight of `min(1, alpha c)`, alpha
 * going from 0.5 to 1; afterwards each epoch is a plain permutation. An epoch is as long as the data, sharded over ranks
 * as by `DistributedSampler`.
 *
 * Draws are made one by one as they are asked for, so the weights move with `setStep` within an epoch. Each is a function of
 * seed, epoch and its number alone: ranks draw apart from each other, and a resumed epoch goes on at `from`.
 */
export class ContrastWeightedSampler {
  private epoch = 0;
  private readonly seed: number;
  private readonly rank: number;
  private readonly worldSize: number;
  private readonly curriculum: Curriculum;
  private readonly plain: DistributedSampler;
  private readonly most: number;

  /**
   * @param contrast of each sample, the median 1 (`contrastScores`)
   * @throws RangeError for a contrast under 0, or when all are 0
   */
  constructor(
    private readonly contrast: ArrayLike<number>,
    {
      warmupSteps = 8000,
      seed = 0,
      rank = 0,
      worldSize = 1,
      dropLast = false,
    }: ContrastWeightedSamplerOptions = {},
  ) {
    checkContrast(contrast);
    [this.seed, this.rank, this.worldSize] = [seed, rank, worldSize];
    this.curriculum = new Curriculum(warmupSteps);
    this.plain = new DistributedSampler(contrast.length, { seed, rank, worldSize, dropLast });
    this.most = largest(contrast);
  }

  setEpoch(epoch: number): void {
    this.epoch = epoch;
    this.plain.setEpoch(epoch);
  }

  /** @param step global: optimizer steps since the training began */
  setStep(step: number): void {
    this.curriculum.setStep(step);
  }

  get alpha(): number {
    return this.curriculum.alpha;
  }

  /** Of all samples, as of now. */
  weights(): Float64Array {
    return Float64Array.from(this.contrast, (c) => this.curriculum.weight(c));
  }

  /**
   * This rank's samples, drawn as they are taken. When the warm-up ends within the epoch, the rest of it is that of the
   * permutation.
   *
   * @param from the first one to give. Default 0.
   */
  *indices(from = 0): Generator<number> {
    const { contrast, curriculum, most, plain, rank, worldSize } = this;
    const draws = new Random(this.seed, `contrast ${this.epoch}`);
    for (let i = from; i < plain.length; i++) {
      yield curriculum.over
        ? plain.at(i)
        : weightedDraw(
            draws.fork(String(rank + i * worldSize)),
            contrast.length,
            (sample) => curriculum.weight(contrast[sample]!),
            curriculum.weight(most),
          );
    }
  }
}
