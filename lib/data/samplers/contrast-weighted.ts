import { Random } from "../../base/random";
import { Curriculum, checkContrast, largest } from "./curriculum";
import { DistributedSampler } from "./distributed";
import { weightedDraw } from "./weighted-draw";

export interface ContrastWeightedSamplerOptions {
  /** The number of steps until all samples have equal weights. Default 8000. */
  warmupSteps?: number;
  /** Default 0. */
  seed?: number;
  /** The number of this process among `worldSize`. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
  /** Truncates to equal lengths on all ranks instead of padding. Default false. */
  dropLast?: boolean;
}

/**
 * Prefers frames of high contrast early in the training. During warm-up, samples are drawn with replacement with the weight `min(1, alpha
 * c)`, where alpha grows from 0.5 to 1; afterwards each epoch is a plain permutation. An epoch has the length of the data and is sharded
 * over ranks as by `DistributedSampler`.
 *
 * Draws are made on demand, so the weights follow `setStep` within an epoch. Each draw depends only on seed, epoch and its number: ranks
 * draw independently, and a resumed epoch continues at `from`.
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
   * @param contrast the contrast of each sample, with median 1 (`contrastScores`)
   * @throws RangeError for a negative contrast, or when all are 0
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

  /** Sets the step of the curriculum. @param step the global step: optimizer steps since the training began */
  setStep(step: number): void {
    this.curriculum.setStep(step);
  }

  get alpha(): number {
    return this.curriculum.alpha;
  }

  /** Returns the weights of all samples at the current step. */
  weights(): Float64Array {
    return Float64Array.from(this.contrast, (c) => this.curriculum.weight(c));
  }

  /**
   * Generates this rank's samples on demand. When the warm-up ends within the epoch, the rest of the epoch follows the permutation.
   *
   * @param from the position of the first sample. Default 0.
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
