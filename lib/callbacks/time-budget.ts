import { z } from "zod";
import { check } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import type { Recipe } from "../protocols/module";

/** How long a run may take. */
export interface TimeBudgetOptions {
  /** Wall-clock minutes for the whole run, over all resumptions. */
  minutes: number;
  /** Steps that are not timed: the first ones compile. Default 20. */
  warmupSteps?: number;
}

const schema = z.strictObject({
  minutes: z.number().positive(),
  warmupSteps: z.int().positive().default(20),
});

/**
 * Fits a run into a wall-clock budget: times steps after a warm-up, caps `maxEpochs` to what the budget allows, so that
 * the learning rate's schedule ends with the run, and ends it when the time is up all the same (`time`). What earlier parts of
 * a resumed run took counts.
 *
 * @example
 * new TimeBudgetCallback({ minutes: 90 })
 */
export class TimeBudgetCallback implements Callback {
  readonly recipe: Recipe;
  /** Seconds that earlier parts of the run took. */
  private before = 0;
  /** When this part of the run began; undefined before. */
  private started: number | undefined;
  private capped: number | undefined;
  /** The step that this part of the run began with, and the time when it was warm. */
  private from: number | undefined;
  private warm = 0;

  private readonly options: z.output<typeof schema>;

  /** @throws ConfigError for unknown or impossible options */
  constructor(options: TimeBudgetOptions) {
    this.recipe = { module: __filename, name: "TimeBudgetCallback", options };
    this.options = check(schema, options, "TimeBudgetCallback");
  }

  state(): unknown {
    return { seconds: this.seconds, capped: this.capped, minutes: this.options.minutes };
  }

  restore(state: unknown): void {
    const { seconds, capped, minutes } = state as { seconds: number; capped?: number; minutes?: number };
    // Another budget takes another number of epochs.
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

  /** Once for each step, also where a step takes several batches. */
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
