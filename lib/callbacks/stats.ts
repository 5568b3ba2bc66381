import { memoryUsage } from "node:process";
import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import { memory } from "../engine";
import type { Callback, FitContext } from "../protocols/callback";
import type { FactoryReference } from "../protocols/module";

const shape = {
  /** Reports after the first step of each epoch, or after every step. Default "epoch". */
  loggingInterval: z.enum(["epoch", "step"]).default("epoch"),
};

/**
 * The options of `LearningRateMonitor`.
 *
 * @interface
 */
export type LearningRateMonitorOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/**
 * Reports the learning rate as a `stats` event: `lr`. Every `step` event also has it. Names and options follow
 * Lightning.
 */
export class LearningRateMonitor implements Callback {
  readonly recipe: FactoryReference;
  private readonly options: z.output<typeof schema>;
  /** Whether this epoch's rate has yet to be reported. */
  private due = false;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: LearningRateMonitorOptions = {}) {
    this.recipe = { module: __filename, name: "LearningRateMonitor", options };
    this.options = check(schema, options, "LearningRateMonitor");
  }

  state(): boolean {
    return this.due;
  }

  restore(state: unknown): void {
    this.due = state as boolean;
  }

  onTrainEpochStart(): void {
    this.due = true;
  }

  async onAfterBackward(context: FitContext): Promise<void> {
    if (!this.due && this.options.loggingInterval === "epoch") return;
    this.due = false;
    const { epoch, step, lr } = context;
    await context.emit({ event: "stats", epoch, step, lr });
  }
}

/**
 * Reports the state of the machine at each epoch's end, as a `stats` event: `samples_per_s` of the epoch over all
 * devices, the number of live `tensors`, `tensor_mb`, and `process_mb` of the whole process.
 */
export class DeviceStatsMonitor implements Callback {
  readonly recipe: FactoryReference = { module: __filename, name: "DeviceStatsMonitor", options: {} };
  private at = 0;
  private batches = 0;

  /** A resumed epoch does not call the hook for the start of an epoch. */
  onFitStart(): void {
    this.begin();
  }

  onTrainEpochStart(): void {
    this.begin();
  }

  onTrainBatchEnd(): void {
    this.batches++;
  }

  async onTrainEpochEnd(context: FitContext): Promise<void> {
    const { epoch, step, batchSize, worldSize } = context;
    const seconds = (performance.now() - this.at) / 1000;
    const { tensors, bytes } = memory();
    await context.emit({
      event: "stats",
      epoch,
      step,
      tensors,
      samples_per_s: (this.batches * batchSize * worldSize) / seconds,
      tensor_mb: bytes / 1e6,
      process_mb: memoryUsage.rss() / 1e6,
    });
  }

  private begin(): void {
    [this.at, this.batches] = [performance.now(), 0];
  }
}
