import type { Callback, FitContext } from "../trainer/callback";
import { monitored } from "../trainer/callback";
import type { Metrics } from "../trainer/events";
import type { Recipe } from "../trainer/module";

export interface EarlyStoppingOptions {
  monitor: string;
  /** Whether lower or higher is better. Default "min". */
  mode?: "min" | "max";
  /** How many validations in a row may pass without an improvement. Default 3. */
  patience?: number;
  /** The least change that counts as an improvement. Default 0. */
  minDelta?: number;
}

/** Ends the fit when the monitored metric has stopped improving. Names and options are Lightning's. */
export class EarlyStopping implements Callback {
  private readonly options: Required<EarlyStoppingOptions>;
  private best = Number.POSITIVE_INFINITY;
  private bad = 0;

  readonly recipe: Recipe;

  constructor(options: EarlyStoppingOptions) {
    this.recipe = { module: __filename, name: "EarlyStopping", options };
    this.options = { mode: "min", patience: 3, minDelta: 0, ...options };
  }

  onValidationEnd(context: FitContext, metrics: Metrics): void {
    const { monitor, mode, patience, minDelta } = this.options;
    const loss = (mode === "max" ? -1 : 1) * monitored(metrics, monitor);
    if (loss < this.best - minDelta) {
      this.best = loss;
      this.bad = 0;
    } else if (++this.bad >= patience) context.stop("early");
  }
}
