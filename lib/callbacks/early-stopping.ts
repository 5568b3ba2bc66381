import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import { monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import type { FactoryReference } from "../protocols/module";

const shape = {
  /** The name of the metric, such as `val_loss`. */
  monitor: z.string().min(1),
  /** Whether lower or higher is better. Default "min". */
  mode: z.enum(["min", "max"]).default("min"),
  /** The number of consecutive validations without an improvement that are allowed. Default 3. */
  patience: z.int().positive().default(3),
  /** The smallest change that counts as an improvement. Default 0. */
  minDelta: z.number().nonnegative().default(0),
};

/**
 * The options of `EarlyStopping`.
 *
 * @interface
 */
export type EarlyStoppingOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/**
 * Ends the fit when the monitored metric has stopped improving. A value that is not finite never counts as an
 * improvement. Names and options follow Lightning.
 *
 * @example
 * new EarlyStopping({ monitor: "val_bps_overall", mode: "max", patience: 10 })
 */
export class EarlyStopping implements Callback {
  readonly recipe: FactoryReference;
  private readonly options: z.output<typeof schema>;
  /** The best value so far, as a loss (negated for the mode "max"); undefined before the first value. */
  private best: number | undefined;
  private bad = 0;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: EarlyStoppingOptions) {
    this.recipe = { module: __filename, name: "EarlyStopping", options };
    this.options = check(schema, options, "EarlyStopping");
  }

  get monitor(): string {
    return this.options.monitor;
  }

  get mode(): "min" | "max" {
    return this.options.mode;
  }

  state(): unknown {
    return { best: this.best, bad: this.bad };
  }

  restore(state: unknown): void {
    const { best, bad } = state as { best?: number; bad: number };
    [this.best, this.bad] = [best, bad];
  }

  onValidationEnd(context: FitContext, metrics: Metrics): void {
    const { monitor, mode, patience, minDelta } = this.options;
    const loss = (mode === "max" ? -1 : 1) * monitored(metrics, monitor);
    if (Number.isFinite(loss) && (this.best === undefined || loss < this.best - minDelta)) {
      this.best = loss;
      this.bad = 0;
    } else if (++this.bad >= patience) context.stop("early");
  }
}
