import type { FitContext } from "../protocols/callback";
import type { StepResult } from "./step/step";
import { Scores } from "./step/validation-sums";

/**
 * The time between two reported steps, in milliseconds. The first step and the last step of an epoch are always
 * reported.
 */
const REPORT_EVERY = 200;

/** Combines batches into `step` events with the loss and metrics of all samples since the last event. */
export class Reporter {
  private at = Date.now();
  private batches = 0;
  private samples = 0;
  /** The number of samples whose loss is finite. */
  private counted = 0;
  private lossSum = 0;
  private penaltySum = 0;
  /** The sums of the losses of each dataset, and the numbers of batches that have it. */
  private readonly datasets: readonly { name: string; sum: number; batches: number }[];
  private scores = new Scores();
  private norm = 0;

  constructor(
    private readonly fit: FitContext,
    private readonly perStep: number,
  ) {
    const names = fit.module.datasets ?? [];
    this.datasets = names.map((name) => ({ name, sum: 0, batches: 0 }));
  }

  /** Adds a batch. @param last whether it is the last batch of the epoch */
  async add(
    { loss, penalty, gradientNorm, samples, measured, datasetLoss }: StepResult,
    last: boolean,
  ): Promise<void> {
    const { fit, perStep, scores } = this;
    this.batches++;
    this.samples += samples;
    if (gradientNorm > 0) this.norm = gradientNorm;
    if (Number.isFinite(loss)) {
      this.counted += samples;
      this.lossSum += loss * samples;
      this.penaltySum += penalty * samples;
      this.addDatasets(datasetLoss);
      scores.expect(measured.scorings);
      for (const batch of measured.batches) scores.add(batch);
    }
    const now = Date.now();
    const first = fit.step === 1 && this.batches <= perStep;
    if (fit.step === 0 || !(first || last || now - this.at >= REPORT_EVERY)) return;
    const samples_per_s = (this.samples * 1000) / Math.max(1, now - this.at);
    const { epoch, step, lr } = fit;
    await fit.emit({
      event: "step",
      epoch,
      step,
      lr,
      samples_per_s,
      grad_norm: this.norm,
      ...scores.values("train_"),
      train_loss: this.lossSum / this.counted,
      ...(this.regularized ? { penalty: this.penaltySum / this.counted } : {}),
      ...this.takeDatasets(),
    });
    [this.at, this.batches, this.samples, this.counted] = [now, 0, 0, 0];
    [this.lossSum, this.penaltySum] = [0, 0];
    this.scores = new Scores();
  }

  private get regularized(): boolean {
    return (this.fit.module.regularization?.lambdas(this.fit.epoch).length ?? 0) > 0;
  }

  private addDatasets(losses: StepResult["datasetLoss"]): void {
    this.datasets.forEach((dataset, i) => {
      const loss = losses[i];
      if (loss === undefined || !Number.isFinite(loss)) return;
      dataset.sum += loss;
      dataset.batches++;
    });
  }

  /** Returns the mean loss of each dataset that was in a batch, and resets the sums. */
  private takeDatasets(): Record<string, number> {
    const present = this.datasets.filter(({ batches }) => batches > 0);
    const means = present.map(({ name, sum, batches }) => [`train_loss/${name}`, sum / batches] as const);
    for (const dataset of present) [dataset.sum, dataset.batches] = [0, 0];
    return Object.fromEntries(means);
  }
}
