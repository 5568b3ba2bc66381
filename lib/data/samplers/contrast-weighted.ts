import { Random } from "../../base/random";
import { DistributedSampler } from "./distributed";
import { weightedDraw } from "./permutation";

/** The state of a curriculum at a step, which determines the samples' weights. */
export class Curriculum {
  private step = 0;

  /** @param warmupSteps the step from which all samples have equal weights */
  constructor(private readonly warmupSteps: number) {
    if (!(warmupSteps >= 0)) throw new RangeError(`warmupSteps must be 0 or more; found ${warmupSteps}`);
  }

  /** Sets the step. @param step the global step: optimizer steps since the training began */
  setStep(step: number): void {
    this.step = step;
  }

  get over(): boolean {
    return this.step >= this.warmupSteps;
  }

  /** The factor alpha, from 0.5 at the start to 1 at the end. */
  get alpha(): number {
    return this.over ? 1 : 0.5 + (0.5 * this.step) / this.warmupSteps;
  }

  /** Returns the weight of a sample: `min(1, alpha c)`, and 1 when the curriculum is over. */
  weight(contrast: number): number {
    return this.over ? 1 : Math.min(1, this.alpha * contrast);
  }
}

/** Checks that contrasts are 0 or more, and that one is over 0. @throws RangeError */
export function checkContrast(contrast: ArrayLike<number>): void {
  for (let i = 0; i < contrast.length; i++) {
    const value = contrast[i]!;
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`contrast[${i}] is ${value}; it must be 0 or more`);
  }
  if (!(largest(contrast) > 0)) throw new RangeError("contrast: one value must be over 0");
}

/** Returns the largest value. */
export function largest(values: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}

/** The options of `ContrastWeightedSampler`. */
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

  /** Sets the epoch, on which the order depends. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
    this.plain.setEpoch(epoch);
  }

  /** Sets the step of the curriculum. @param step the global step: optimizer steps since the training began */
  setStep(step: number): void {
    this.curriculum.setStep(step);
  }

  /** The factor alpha of the current step, from 0.5 at the start to 1 at the end. */
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
