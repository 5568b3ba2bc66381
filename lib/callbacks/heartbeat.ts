import type { BatchResult, Callback, FitContext } from "../protocols/callback";
import { monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import type { FactoryReference } from "../protocols/module";

/**
 * Prints every hook when it is called, with epoch and step, to show where a run hangs. With several devices each
 * process prints into its own file, `logs/rank-<n>.log` in the run's folder.
 */
export class Heartbeat implements Callback {
  /** Undefined for a custom print function, because the function exists in this process only. */
  readonly recipe?: FactoryReference;
  private readonly print: (line: string) => void;

  /** @param print the function that prints a line. Default: `console.log` */
  constructor(print?: (line: string) => void) {
    this.print = print ?? console.log;
    if (!print) this.recipe = { module: __filename, name: "Heartbeat", options: undefined };
  }

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

/**
 * Prints a line after each validation: epoch, step and one metric. With several devices it prints into the same files
 * as `Heartbeat`.
 */
export class EpochHeartbeat implements Callback {
  readonly recipe?: FactoryReference;
  private readonly print: (line: string) => void;

  /** @param monitor the metric. @param print the function that prints a line. Default: `console.log` */
  constructor(
    readonly monitor: string,
    print?: (line: string) => void,
  ) {
    this.print = print ?? console.log;
    if (!print) this.recipe = { module: __filename, name: "EpochHeartbeat", options: monitor };
  }

  onValidationEnd({ epoch, step }: FitContext, metrics: Metrics): void {
    const value = monitored(metrics, this.monitor);
    this.print(`epoch ${epoch} step ${step}: ${this.monitor} ${value.toPrecision(4)}`);
  }
}
