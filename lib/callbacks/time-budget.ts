import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import type { FactoryReference } from "../protocols/module";

const shape = {
  /** The wall-clock minutes for the whole run, including all resumptions. */
  minutes: z.number().positive(),
  /** The number of steps that are not timed, because the first steps compile. Default 20. */
  warmupSteps: z.int().positive().default(20),
};

/**
 * The options of `TimeBudgetCallback`.
 *
 * @interface
 */
export type TimeBudgetOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/**
 * Fits a run into a wall-clock budget. It times the steps after a warm-up and lowers `maxEpochs` to what the budget
 * allows, so that the learning rate schedule ends with the run. It still ends the run (`time`) when the budget is used
 * up. The time of earlier parts of a resumed run counts.
 *
 * @example
 * new TimeBudgetCallback({ minutes: 90 })
 */
export class TimeBudgetCallback implements Callback {
  readonly recipe: FactoryReference;
  /** The seconds that earlier parts of the run took. */
  private before = 0;
  /** The time when this part of the run began; undefined before. */
  private started: number | undefined;
  private capped: number | undefined;
  /** The step at which timing started, after the warm-up. */
  private from: number | undefined;
  private warm = 0;

  private readonly options: z.output<typeof schema>;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: TimeBudgetOptions) {
    this.recipe = { module: __filename, name: "TimeBudgetCallback", options };
    this.options = check(schema, options, "TimeBudgetCallback");
  }

  state(): unknown {
    return { seconds: this.seconds, capped: this.capped, minutes: this.options.minutes };
  }

  restore(state: unknown): void {
    const { seconds, capped, minutes } = state as { seconds: number; capped?: number; minutes?: number };
    // A different budget allows a different number of epochs.
    const same = minutes === undefined || minutes === this.options.minutes;
    [this.before, this.capped, this.started] = [seconds, same ? capped : undefined, undefined];
  }

  onFitStart(context: FitContext): void {
    this.started = Date.now();
    this.from = undefined;
    if (this.capped !== undefined) context.maxEpochs = Math.min(context.maxEpochs, this.capped);
  }

  onTrainBatchEnd(context: FitContext): void {
    const { minutes } = this.options;
    if (this.seconds > minutes * 60) context.stop("time");
  }

  /** Called once for each step, even when a step accumulates several batches. */
  onAfterBackward(context: FitContext): void {
    const { warmupSteps } = this.options;
    if (this.capped !== undefined) return;
    this.from ??= context.step;
    const timed = context.step - this.from - warmupSteps;
    if (timed === 0) this.warm = Date.now();
    if (timed === warmupSteps) this.cap(context, (Date.now() - this.warm) / 1000 / warmupSteps);
  }

  private cap(context: FitContext, secondsPerStep: number): void {
    const { step, stepsPerEpoch, maxEpochs } = context;
    const steps = step + (this.options.minutes * 60 - this.seconds) / secondsPerStep;
    this.capped = Math.max(context.epoch + 1, Math.min(maxEpochs, Math.floor(steps / stepsPerEpoch)));
    context.maxEpochs = this.capped;
  }

  private get seconds(): number {
    const { before, started = Date.now() } = this;
    return before + (Date.now() - started) / 1000;
  }
}
