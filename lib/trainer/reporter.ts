import type { BatchResult, FitContext } from "./callback";

/** How often a step is reported, in milliseconds; the first and an epoch's last always are. */
const REPORT_EVERY = 200;

/** Folds batches into `step` events: means since the last one. */
export class Reporter {
  private at = Date.now();
  private batches = 0;
  private counted = 0;
  private sums: Record<string, number> = {};
  private norm = 0;

  constructor(
    private readonly fit: FitContext,
    private readonly perStep: number,
  ) {}

  /** @param last of the epoch */
  async add({ loss, gradientNorm, metrics }: BatchResult, last: boolean): Promise<void> {
    const { fit, sums, perStep } = this;
    this.batches++;
    if (gradientNorm > 0) this.norm = gradientNorm;
    if (Number.isFinite(loss)) {
      this.counted++;
      for (const [name, value] of Object.entries({ ...metrics, train_loss: loss }))
        sums[name] = (sums[name] ?? 0) + value;
    }
    const now = Date.now();
    const first = fit.step === 1 && this.batches <= perStep;
    if (fit.step === 0 || !(first || last || now - this.at >= REPORT_EVERY)) return;
    const samples_per_s = (this.batches * fit.batchSize * fit.worldSize * 1000) / Math.max(1, now - this.at);
    const means = Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [
        name === "train_loss" ? name : `train_${name}`,
        sum / this.counted,
      ]),
    );
    const { epoch, step, lr } = fit;
    const train_loss = means.train_loss ?? Number.NaN;
    await fit.emit({
      event: "step",
      ...{ epoch, step, lr, samples_per_s, grad_norm: this.norm },
      ...means,
      train_loss,
    });
    [this.at, this.batches, this.counted, this.sums] = [now, 0, 0, {}];
  }
}
