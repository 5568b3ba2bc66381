import { memoryUsage } from "node:process";
import { memory } from "../engine";
import type { Callback, FitContext } from "../trainer/callback";
import type { Recipe } from "../trainer/module";

/** Tells the rates of an epoch at its start, as a `stats` event: `lr`. Every `step` event holds it too. */
export class LearningRateMonitor implements Callback {
  readonly recipe: Recipe = { module: __filename, name: "LearningRateMonitor", options: {} };
  async onTrainBatchEnd(context: FitContext): Promise<void> {
    const { epoch, step, lr, stepsPerEpoch } = context;
    if (step % stepsPerEpoch === 1 || stepsPerEpoch === 1)
      await context.emit({ event: "stats", epoch, step, lr });
  }
}

/**
 * Tells at each epoch's end, as a `stats` event, what the machine did: `samples_per_s` of the epoch, `tensors` alive,
 * `tensor_mb`, and `process_mb` of the whole process.
 */
export class DeviceStatsMonitor implements Callback {
  readonly recipe: Recipe = { module: __filename, name: "DeviceStatsMonitor", options: {} };
  private at = 0;
  private step = 0;

  onTrainEpochStart({ step }: FitContext): void {
    [this.at, this.step] = [performance.now(), step];
  }

  async onTrainEpochEnd(context: FitContext): Promise<void> {
    const { epoch, step, batchSize } = context;
    const seconds = (performance.now() - this.at) / 1000;
    const { tensors, bytes } = memory();
    await context.emit({
      ...{ event: "stats", epoch, step, tensors },
      samples_per_s: ((step - this.step) * batchSize) / seconds,
      tensor_mb: bytes / 1e6,
      process_mb: memoryUsage.rss() / 1e6,
    });
  }
}
