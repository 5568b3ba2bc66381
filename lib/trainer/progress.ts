import type { EpochRecord, Metrics } from "../protocols/events";
import type { CheckpointState } from "./checkpoint/state";

type Saved = Pick<CheckpointState, "epoch" | "step" | "metrics" | "history" | "within">;

/** Restores NaN, which JSON lacks: a checkpoint stores it as null. */
const withNaN = <Numbers extends Metrics>(record: Numbers): Numbers =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value ?? Number.NaN])) as Numbers;

/** The progress of a fit, as a checkpoint stores it. */
export class Progress {
  /** The current epoch, counted from 0. */
  epoch = 0;
  /** The number of optimizer steps taken. */
  step = 0;
  /** The metrics of the last validation. */
  metrics: Metrics = {};
  history: EpochRecord[] = [];
  /**
   * The number of batches in this epoch, the sum of their weighted finite losses, the sum of the weights of these, and
   * `validated`, the number of batches at the last validation within the epoch. A resumed run uses them to continue
   * within the epoch. The weight of a batch is its number of samples divided by that of a full batch.
   */
  within: Saved["within"] = { batches: 0, sum: 0, counted: 0 };

  /** Counts a batch. @param weight its number of samples divided by that of a full batch */
  add(loss: number, weight: number, stepped: boolean): void {
    const { within } = this;
    if (stepped) this.step++;
    within.batches++;
    if (!Number.isFinite(loss)) return;
    within.sum += loss * weight;
    within.counted += weight;
  }

  /** The mean loss over the samples of the epoch. */
  get trainLoss(): number {
    return this.within.sum / this.within.counted;
  }

  /** Records a validation in the middle of an epoch. */
  recordValidation(found: Metrics): EpochRecord {
    const record = this.record(found);
    this.within.validated = this.within.batches;
    return record;
  }

  /** Records the numbers of an epoch. Checkpoints from here on belong to the end of the epoch. */
  endEpoch(found: Metrics): EpochRecord {
    const record = this.record(found);
    this.within = { batches: 0, sum: 0, counted: 0 };
    return record;
  }

  /** Returns the last value of a metric in each earlier epoch. Epochs without the metric are left out. */
  lastOfEachEpoch(metric: string): number[] {
    const last = new Map<number, number>();
    for (const { epoch, [metric]: value } of this.history)
      if (epoch < this.epoch && typeof value === "number") last.set(epoch, value);
    return [...last.values()];
  }

  /**
   * Returns the loss of each earlier epoch, for the plateau scheduler: the loss of its last validation, or the training
   * loss if there is no validation.
   *
   * @param checkValEveryNEpoch the trainer's option: null when validations are not counted in epochs; undefined when the
   * fit does not validate
   */
  losses(checkValEveryNEpoch: number | null | undefined): number[] {
    const validated = this.lastOfEachEpoch("val_loss");
    if (validated.length > 0) return validated;
    // Until the first validation is due, there is no loss to compare.
    const firstDue =
      checkValEveryNEpoch === undefined ? 0 : (checkValEveryNEpoch ?? Number.POSITIVE_INFINITY);
    if (this.epoch < firstDue) return [];
    return this.lastOfEachEpoch("train_loss");
  }

  state(): Saved {
    const { epoch, step, metrics, history, within } = this;
    return { epoch, step, metrics, history, within };
  }

  /** Restores the progress of a checkpoint. The checkpoint of an ended epoch continues with the next epoch. */
  restore({ epoch, step, metrics, history, within }: Saved): void {
    const ended = within.batches === 0 && history.at(-1)?.epoch === epoch;
    Object.assign(this, { epoch: ended ? epoch + 1 : epoch, step, metrics: withNaN(metrics) });
    this.history = history.map(withNaN);
    this.within = { ...within };
  }

  private record(found: Metrics): EpochRecord {
    const { epoch, step, trainLoss: train_loss } = this;
    const record = { epoch, step, train_loss, ...found };
    this.history.push(record);
    return record;
  }
}
