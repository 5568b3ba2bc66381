import type { FitContext } from "../protocols/callback";
import { Scores } from "./step/scores";
import type { Stepped } from "./step/step";

/** How often a step is reported, in milliseconds; the first and an epoch's last always are. */
const REPORT_EVERY = 200;

/** Folds batches into `step` events: the loss and metrics of all samples since the last one. */
export class Reporter {
  private at = Date.now();
  private batches = 0;
  private samples = 0;
  /** Of the samples whose loss is finite. */
  private counted = 0;
  private lossSum = 0;
  private scores = new Scores();
  private norm = 0;

  constructor(
    private readonly fit: FitContext,
    private readonly perStep: number,
  ) {}

  /** @param last of the epoch */
  async add({ loss, gradientNorm, samples, measured }: Stepped, last: boolean): Promise<void> {
    const { fit, perStep, scores } = this;
    this.batches++;
    this.samples += samples;
    if (gradientNorm > 0) this.norm = gradientNorm;
    if (Number.isFinite(loss)) {
      this.counted += samples;
      this.lossSum += loss * samples;
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
      ...{ epoch, step, lr, samples_per_s, grad_norm: this.norm },
      ...scores.values("train_"),
      train_loss: this.lossSum / this.counted,
    });
    [this.at, this.batches, this.samples, this.counted, this.lossSum] = [now, 0, 0, 0, 0];
    this.scores = new Scores();
  }
}
