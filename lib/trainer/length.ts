import { ConfigError } from "../base/config";
import type { BatchRequest, BatchSource } from "../protocols/module";
import type { CheckedOptions } from "./options";
import type { Progress } from "./progress";

/** The number of epochs of a fit that sets neither `maxEpochs` nor `maxSteps`. */
const MAX_EPOCHS = 100;

type LengthOptions = Pick<
  CheckedOptions,
  | "accumulateGradBatches"
  | "batchSize"
  | "checkValEveryNEpoch"
  | "limitValBatches"
  | "maxEpochs"
  | "maxSteps"
  | "overfitBatches"
  | "stepsPerEpoch"
  | "valCheckInterval"
>;

/** The length of a fit and of its epochs, and the times of its validations. */
export class Length {
  /** The number of optimizer steps in an epoch. */
  readonly stepsPerEpoch: number;
  private readonly batchesPerEpoch: number;
  /** The number of batches from one validation to the next. */
  private readonly interval: number;

  /** @throws ConfigError when `valCheckInterval` is longer than an epoch */
  constructor(
    private readonly options: LengthOptions,
    source: Pick<BatchSource, "trainBatchCount">,
    worldSize?: number,
  ) {
    const { batchSize, accumulateGradBatches: perStep, overfitBatches, stepsPerEpoch } = options;
    const batches = overfitBatches || (source.trainBatchCount?.(batchSize, worldSize) ?? 0);
    this.stepsPerEpoch = stepsPerEpoch ?? Math.max(1, Math.floor(batches / perStep));
    this.batchesPerEpoch = this.stepsPerEpoch * perStep;
    this.interval = this.validationInterval();
  }

  /** Returns the total number of epochs, including the current one, that `maxEpochs` and `maxSteps` allow. */
  epochs(progress: Progress, taken: number): number {
    const { maxSteps, maxEpochs } = this.options;
    if (maxSteps === undefined) return maxEpochs ?? MAX_EPOCHS;
    const left = this.batchesLeft(progress, taken) - (this.batchesPerEpoch - progress.within.batches);
    const needed = progress.step >= maxSteps ? 0 : 1 + Math.ceil(Math.max(0, left) / this.batchesPerEpoch);
    return Math.min(maxEpochs ?? Number.POSITIVE_INFINITY, progress.epoch + needed);
  }

  /** Returns the number of steps after the given number of epochs. */
  steps(epochs: number, { epoch, step, within }: Progress): number {
    const { accumulateGradBatches: perStep, maxSteps = Number.POSITIVE_INFINITY } = this.options;
    const before = Math.floor(within.batches / perStep);
    return Math.min(maxSteps, step + (epochs - epoch) * this.stepsPerEpoch - before);
  }

  /** Whether all steps that `maxSteps` allows have been taken. */
  reached({ step }: Progress): boolean {
    return step >= (this.options.maxSteps ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Returns the number of batches after which the current epoch ends. `maxSteps` may shorten the last epoch.
   *
   * @param taken batches since training began
   */
  batches(progress: Progress, taken: number): number {
    return Math.min(this.batchesPerEpoch, progress.within.batches + this.batchesLeft(progress, taken));
  }

  /** Whether a validation is due after the batches so far, by `valCheckInterval` and `checkValEveryNEpoch`, and was not done yet. */
  validates({ epoch, within }: Progress, taken: number): boolean {
    const { checkValEveryNEpoch: every, limitValBatches } = this.options;
    if (limitValBatches === 0 || within.batches === within.validated) return false;
    if (every === null) return taken > 0 && taken % this.interval === 0;
    return (epoch + 1) % every === 0 && within.batches > 0 && within.batches % this.interval === 0;
  }

  private batchesLeft({ step }: Progress, taken: number): number {
    const { maxSteps = Number.POSITIVE_INFINITY, accumulateGradBatches: perStep } = this.options;
    return Math.max(0, (maxSteps - step) * perStep - (taken % perStep));
  }

  private validationInterval(): number {
    const { valCheckInterval: interval, checkValEveryNEpoch: every } = this.options;
    const { batchesPerEpoch: batches } = this;
    if (interval <= 1) return Math.max(1, Math.floor(interval * batches));
    if (every === null || interval <= batches) return interval;
    const message =
      `is ${interval} batches, but an epoch has ${batches}, so nothing would be validated; give at most ${batches}, ` +
      "a share of an epoch, or `checkValEveryNEpoch: null` to count batches across epochs";
    throw new ConfigError("Trainer", [{ path: "valCheckInterval", message }]);
  }
}

/**
 * Returns the number of batches to validate on. A limit above 1 is that number; a limit up to 1 is a share of all
 * batches.
 */
export async function limitOf(limit: number, source: BatchSource, request: BatchRequest): Promise<number> {
  if (limit > 1) return limit;
  if (limit === 1) return Number.POSITIVE_INFINITY;
  const count = source.validationBatchCount?.(request.batchSize) ?? (await counted(source, request));
  return Math.max(1, Math.round(limit * count));
}

async function counted(source: BatchSource, request: BatchRequest): Promise<number> {
  let count = 0;
  for await (const _ of source.validationBatches?.(request) ?? []) count++;
  return count;
}
