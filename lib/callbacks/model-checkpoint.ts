import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Callback, FitContext } from "../trainer/callback";
import { monitored } from "../trainer/callback";
import type { Metrics } from "../trainer/events";
import type { Recipe } from "../trainer/module";

export interface ModelCheckpointOptions {
  /** Name of the metric that ranks checkpoints. */
  monitor: string;
  /** Whether lower or higher is better. Default "min". */
  mode?: "min" | "max";
  /** How many of the best to keep. Default 1. */
  saveTopK?: number;
  /** Also write `last.safetensors` after every validation and when the fit ends. Default true. */
  saveLast?: boolean;
}

/** Keeps the checkpoints with the best monitored metric, and the last one. Names and options are Lightning's. */
export class ModelCheckpoint implements Callback {
  /** The kept checkpoints, best first. */
  readonly kept: { path: string; score: number }[] = [];
  private readonly options: Required<ModelCheckpointOptions>;

  readonly recipe: Recipe;

  constructor(options: ModelCheckpointOptions) {
    this.recipe = { module: __filename, name: "ModelCheckpoint", options };
    this.options = { mode: "min", saveTopK: 1, saveLast: true, ...options };
  }

  async onValidationEnd(context: FitContext, metrics: Metrics): Promise<void> {
    const { monitor, mode, saveTopK } = this.options;
    const score = monitored(metrics, monitor);
    const sign = mode === "max" ? -1 : 1;
    const rank = this.kept.filter((other) => sign * other.score <= sign * score).length;
    if (Number.isFinite(score) && rank < saveTopK) {
      const name = `epoch-${String(context.epoch).padStart(3, "0")}_${monitor.replace(/\W/g, "_")}-${score.toFixed(4)}`;
      const path = join(context.checkpoints, `${name}.safetensors`);
      context.save(path);
      this.kept.splice(rank, 0, { path, score });
      for (const { path: worse } of this.kept.splice(saveTopK)) rmSync(worse, { force: true });
      context.kept.best = this.kept[0]!;
      await context.emit({
        event: "checkpoint",
        epoch: context.epoch,
        step: context.step,
        path,
        monitor,
        score,
      });
    }
    this.saveLast(context);
  }

  onFitEnd(context: FitContext): void {
    this.saveLast(context);
  }

  private saveLast(context: FitContext): void {
    if (!this.options.saveLast) return;
    const path = join(context.checkpoints, "last.safetensors");
    context.save(path);
    context.kept.last = path;
  }
}
