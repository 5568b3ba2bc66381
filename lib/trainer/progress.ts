import type { EpochRecord, Metrics } from "../protocols/events";
import type { CheckpointState } from "./checkpoint/state";

type Saved = Pick<CheckpointState, "epoch" | "step" | "metrics" | "history" | "within">;

/** JSON has no NaN: a number that is none comes back from a checkpoint as null. */
const withNaN = <Numbers extends Metrics>(record: Numbers): Numbers =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value ?? Number.NaN])) as Numbers;

/** How far a fit has come, as a checkpoint keeps it. */
export class Progress {
  /** Epochs from 0; the one that is going on. */
  epoch = 0;
  /** Optimizer steps taken. */
  step = 0;
  /** Of the last validation. */
  metrics: Metrics = {};
  history: EpochRecord[] = [];
  /**
   * Batches of this epoch, and the sums of their weighed losses and of the weights; a resumed run goes on within the epoch. A batch
   * weighs as much as it has of the samples of a full one.
   */
  within: Saved["within"] = { batches: 0, sum: 0, counted: 0 };

  /** Counts a batch. @param weight its samples over those of a full batch */
  add(loss: number, weight: number, stepped: boolean): void {
    const { within } = this;
    if (stepped) this.step++;
    within.batches++;
    if (!Number.isFinite(loss)) return;
    within.sum += loss * weight;
    within.counted += weight;
  }

  /** The mean loss of the epoch's samples. */
  get trainLoss(): number {
    return this.within.sum / this.within.counted;
  }

  /** Records a validation in the middle of an epoch. */
  validated(found: Metrics): EpochRecord {
    const record = this.record(found);
    this.within.validated = this.within.batches;
    return record;
  }

  /** Notes an epoch's numbers; a checkpoint from here on is one of its end. */
  endEpoch(found: Metrics): EpochRecord {
    const record = this.record(found);
    this.within = { batches: 0, sum: 0, counted: 0 };
    return record;
  }

  /** The last value of a metric in each epoch before this one; epochs without it are left out. */
  ofEpochs(metric: string): number[] {
    const last = new Map<number, number>();
    for (const { epoch, [metric]: value } of this.history)
      if (epoch < this.epoch && typeof value === "number") last.set(epoch, value);
    return [...last.values()];
  }

  private record(found: Metrics): EpochRecord {
    const { epoch, step, trainLoss: train_loss } = this;
    const record = { epoch, step, train_loss, ...found };
    this.history.push(record);
    return record;
  }

  /**
   * The loss of each epoch before this one, for a plateau: of its last validation, or of training where none is validated.
   *
   * @param every epochs from one validation to the next; null for those that are not counted in epochs, undefined without any
   */
  losses(every: number | null | undefined): number[] {
    const validated = this.ofEpochs("val_loss");
    if (validated.length > 0) return validated;
    if (every !== undefined && this.epoch < (every ?? Number.POSITIVE_INFINITY)) return [];
    return this.ofEpochs("train_loss");
  }

  state(): Saved {
    const { epoch, step, metrics, history, within } = this;
    return { epoch, step, metrics, history, within };
  }

  restore({ epoch, step, metrics, history, within }: Saved): void {
    const ended = within.batches === 0 && history.at(-1)?.epoch === epoch;
    Object.assign(this, { epoch: ended ? epoch + 1 : epoch, step, metrics: withNaN(metrics) });
    this.history = history.map(withNaN);
    this.within = { ...within };
  }
}
