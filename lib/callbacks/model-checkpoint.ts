import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { check } from "../config";
import type { Callback, FitContext } from "../trainer/callback";
import { monitored } from "../trainer/callback";
import type { Metrics } from "../trainer/events";
import type { Recipe } from "../trainer/module";
import { LAST } from "../trainer/resume";

/** Which checkpoints are kept, and when the last one is written. */
export interface ModelCheckpointOptions {
  /** Name of the metric that ranks checkpoints. Default: none is ranked, only the last is kept. */
  monitor?: string;
  /** Whether lower or higher is better. Default "min". */
  mode?: "min" | "max";
  /** How many of the best to keep. Default 1. */
  saveTopK?: number;
  /** Also write `last.safetensors` after every validation and when the fit ends. Default true. */
  saveLast?: boolean;
  /** Write the last one also every so many steps. Default: only after validations. */
  everyNTrainSteps?: number;
  /** Write the last one also when so many seconds have passed. Default: only after validations. */
  trainTimeInterval?: number;
}

const schema = z.strictObject({
  monitor: z.string().min(1).optional(),
  mode: z.enum(["min", "max"]).default("min"),
  saveTopK: z.int().nonnegative().default(1),
  saveLast: z.boolean().default(true),
  everyNTrainSteps: z.int().positive().optional(),
  trainTimeInterval: z.number().positive().optional(),
});

interface Ranked {
  path: string;
  score: number;
}

/**
 * Keeps the checkpoints with the best monitored metric, and the last one. Names and options are Lightning's.
 *
 * @example
 * new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max", saveTopK: 3 })
 */
export class ModelCheckpoint implements Callback {
  readonly checkpoints = true;
  readonly recipe: Recipe;
  private best: Ranked[] = [];
  private readonly options: z.output<typeof schema>;
  private written = Date.now();
  private step = 0;

  /** @throws ConfigError for unknown or impossible options */
  constructor(options: ModelCheckpointOptions = {}) {
    this.recipe = { module: __filename, name: "ModelCheckpoint", options };
    this.options = check(schema, options, "ModelCheckpoint");
  }

  /** The kept checkpoints, best first. */
  get kept(): readonly Ranked[] {
    return this.best;
  }

  get monitor(): string | undefined {
    return this.options.monitor;
  }

  state(): readonly Ranked[] {
    return this.best;
  }

  restore(state: unknown): void {
    this.best = (state as Ranked[]).filter(({ path }) => existsSync(path));
  }

  onFitStart(context: FitContext): void {
    if (this.best[0]) context.kept.best = this.best[0];
    [this.written, this.step] = [Date.now(), context.step];
  }

  onTrainBatchEnd(context: FitContext): void {
    const { everyNTrainSteps: every, trainTimeInterval: seconds } = this.options;
    const stepped = every !== undefined && context.step > this.step && context.step % every === 0;
    const waited = seconds !== undefined && Date.now() - this.written >= seconds * 1000;
    if (stepped || waited) this.saveLast(context);
  }

  async onValidationEnd(context: FitContext, metrics: Metrics): Promise<void> {
    const { monitor } = this.options;
    if (monitor) await this.saveRanked(context, monitor, monitored(metrics, monitor));
    this.saveLast(context);
  }

  private async saveRanked(context: FitContext, monitor: string, score: number): Promise<void> {
    const { mode, saveTopK } = this.options;
    const sign = mode === "max" ? -1 : 1;
    const rank = this.best.filter((other) => sign * other.score <= sign * score).length;
    if (!Number.isFinite(score) || rank >= saveTopK) return;
    const { epoch, step } = context;
    const name = `epoch-${String(epoch).padStart(3, "0")}_${monitor.replace(/\W/g, "_")}-${score.toFixed(4)}`;
    const path = join(context.checkpoints, `${name}.safetensors`);
    const before = this.best;
    const ranked = before.toSpliced(rank, 0, { path, score });
    // The file itself says that it is among the best.
    this.best = ranked.slice(0, saveTopK);
    if (!context.save(path)) {
      this.best = before;
      return;
    }
    for (const { path: worse } of ranked.slice(saveTopK)) if (worse !== path) rmSync(worse, { force: true });
    context.kept.best = this.best[0]!;
    await context.emit({ event: "checkpoint", epoch, step, path, monitor, score });
  }

  onFitEnd(context: FitContext): void {
    this.saveLast(context);
  }

  private saveLast(context: FitContext): void {
    if (!this.options.saveLast) return;
    const path = join(context.checkpoints, LAST);
    [this.written, this.step] = [Date.now(), context.step];
    if (context.save(path)) context.kept.last = path;
  }
}
