import type { BatchResult, Callback, FitContext } from "../trainer/callback";
import { monitored } from "../trainer/callback";
import type { Metrics } from "../trainer/events";

/** Prints every hook as it is called, with epoch and step: where a run that seems to hang is. */
export class Heartbeat implements Callback {
  /** @param print default: `console.log` */
  constructor(private readonly print: (line: string) => void = console.log) {}

  onFitStart = (context: FitContext) => this.beat("fit start", context);
  onTrainEpochStart = (context: FitContext) => this.beat("epoch start", context);
  onTrainBatchStart = (context: FitContext) => this.beat("batch start", context);
  onAfterBackward = (context: FitContext, { gradientNorm }: BatchResult) =>
    this.beat(`backward, gradient norm ${gradientNorm.toPrecision(4)}`, context);
  onTrainBatchEnd = (context: FitContext, { loss }: BatchResult) =>
    this.beat(`batch end, loss ${loss.toPrecision(4)}`, context);
  onTrainEpochEnd = (context: FitContext) => this.beat("epoch end", context);
  onValidationStart = (context: FitContext) => this.beat("validation start", context);
  onValidationEnd = (context: FitContext) => this.beat("validation end", context);
  onFitEnd = (context: FitContext) => this.beat("fit end", context);
  onException = (context: FitContext) => this.beat("exception", context);

  private beat(hook: string, { epoch, step }: FitContext): void {
    this.print(`${new Date().toISOString()} epoch ${epoch} step ${step}: ${hook}`);
  }
}

/** Prints a line after each validation: epoch, step and one metric. */
export class EpochHeartbeat implements Callback {
  /** @param monitor the metric. @param print default: `console.log` */
  constructor(
    readonly monitor: string,
    private readonly print: (line: string) => void = console.log,
  ) {}

  onValidationEnd({ epoch, step }: FitContext, metrics: Metrics): void {
    const value = monitored(metrics, this.monitor);
    this.print(`epoch ${epoch} step ${step}: ${this.monitor} ${value.toPrecision(4)}`);
  }
}
