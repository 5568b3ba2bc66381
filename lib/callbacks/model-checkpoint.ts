import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import { monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import type { FactoryReference } from "../protocols/module";
import { LAST } from "../trainer/checkpoint/resume";
import { checkpointName, checkTemplate } from "./checkpoint-name";

const shape = {
  /** The name of the metric that ranks checkpoints. Default: no ranking; only the last checkpoint is kept. */
  monitor: z.string().min(1).optional(),
  /** Whether lower or higher is better. Default "min". */
  mode: z.enum(["min", "max"]).default("min"),
  /**
   * The names of the best checkpoints, as a template of Lightning: `{epoch:02d}-{val_loss:.4f}` becomes
   * `epoch=07-val_loss=0.1250.safetensors`, with epochs counted from 0. `{epoch}`, `{step}` and all metrics are known.
   * Default: the names that are described below.
   */
  filename: z.string().min(1).optional(),
  /** The number of best checkpoints to keep; -1 keeps all. Default 1. */
  saveTopK: z.int().min(-1).default(1),
  /** Whether to write `last.safetensors` after every validation and when the fit ends. Default true. */
  saveLast: z.boolean().default(true),
  /** The number of steps after which the last checkpoint is also written. Default: only after validations. */
  everyNTrainSteps: z.int().positive().optional(),
  /** The number of seconds after which the last checkpoint is also written. Default: only after validations. */
  trainTimeInterval: z.number().positive().optional(),
};

/**
 * The options of `ModelCheckpoint`.
 *
 * @interface
 */
export type ModelCheckpointOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/** A kept checkpoint with its score. */
export interface Ranked {
  /** The path of the checkpoint's file. */
  path: string;
  /** The value of the monitored metric. */
  score: number;
}

/** The kept checkpoints, as the state of a checkpoint stores them. Version 0.1 stored their paths. */
const savedSchema = z.array(
  z.union([
    z.object({ name: z.string(), score: z.number() }),
    z.object({ path: z.string(), score: z.number() }).transform(({ path, score }) => ({ name: path, score })),
  ]),
);

/**
 * Keeps the checkpoints with the best monitored metric, and the last one. Names and options follow Lightning. When a
 * run has several of these callbacks, each removes only the files that it wrote, and the first one with a `monitor`
 * determines the run's best checkpoint.
 *
 * Files are named `epoch-<n>_<metric>-<score>.safetensors`, with epochs counted from 1, or by `filename`. If such a file
 * already exists, `-v1`, `-v2`, ... is appended.
 *
 * @example
 * new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max", saveTopK: 3 })
 */
export class ModelCheckpoint implements Callback {
  readonly checkpoints = true;
  readonly recipe: FactoryReference;
  private best: Ranked[] = [];
  private readonly options: z.output<typeof schema>;
  /** The seconds of training at the last writing. */
  private written = 0;
  private step = 0;
  /** The scores of this fit's validations. */
  private scores: number[] = [];

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: ModelCheckpointOptions = {}) {
    this.recipe = { module: __filename, name: "ModelCheckpoint", options };
    this.options = check(schema, options, "ModelCheckpoint");
    const { filename } = this.options;
    if (filename !== undefined) checkTemplate(filename, "ModelCheckpoint");
  }

  /** The kept checkpoints, best first. */
  get kept(): readonly Ranked[] {
    return this.best;
  }

  get monitor(): string | undefined {
    return this.options.monitor;
  }

  get mode(): "min" | "max" {
    return this.options.mode;
  }

  /** File names rather than paths, so that a folder that is moved or copied keeps its checkpoints. */
  state(): unknown {
    return this.best.map(({ path, score }) => ({ name: basename(path), score }));
  }

  /**
   * Restores the checkpoints that are in the run's own folder. Checkpoints of the run that this one was resumed from
   * are not included. A process that writes no checkpoints may have no folder, and then takes all.
   */
  restore(state: unknown, { checkpoints }: FitContext): void {
    const hasFolder = existsSync(checkpoints);
    this.best = check(savedSchema, state, "the state of ModelCheckpoint in the checkpoint")
      .map(({ name, score }) => ({ name: basename(name.replaceAll("\\", "/")), score }))
      .filter(({ name }) => isRanked(name) && (!hasFolder || existsSync(join(checkpoints, name))))
      .map(({ name, score }) => ({ path: join(checkpoints, name), score }));
  }

  onFitStart(context: FitContext): void {
    this.scores = [];
    this.tellBest(context);
    [this.written, this.step] = [context.seconds, context.step];
  }

  onTrainBatchEnd(context: FitContext): void {
    const { everyNTrainSteps: every, trainTimeInterval: seconds, saveLast } = this.options;
    const stepped = every !== undefined && context.step > this.step && context.step % every === 0;
    const waited = seconds !== undefined && context.seconds - this.written >= seconds;
    if (saveLast && (stepped || waited)) this.writeLast(context);
  }

  async onValidationEnd(context: FitContext, metrics: Metrics): Promise<void> {
    const { monitor } = this.options;
    if (monitor) {
      const score = monitored(metrics, monitor);
      this.scores.push(score);
      await this.saveRanked(context, metrics, { monitor, score });
      this.tellBest(context);
    }
    this.saveLast(context);
  }

  private async saveRanked(
    context: FitContext,
    metrics: Metrics,
    { monitor, score }: { monitor: string; score: number },
  ): Promise<void> {
    const { mode } = this.options;
    const saveTopK = this.options.saveTopK < 0 ? Number.POSITIVE_INFINITY : this.options.saveTopK;
    const sign = mode === "max" ? -1 : 1;
    const rank = this.best.filter((other) => sign * other.score <= sign * score).length;
    if (!Number.isFinite(score) || rank >= saveTopK) return;
    const { epoch, step } = context;
    const path = unusedPath(join(context.checkpoints, this.nameOf(context, metrics, score)));
    const before = this.best;
    const ranked = before.toSpliced(rank, 0, { path, score });
    // The list is updated first, so that the file itself records that it is among the best.
    this.best = ranked.slice(0, saveTopK);
    if (!context.save(path)) {
      this.best = before;
      return;
    }
    for (const { path: worse } of ranked.slice(saveTopK)) rmSync(worse, { force: true });
    const best = rank === 0 && this.definesBest(context) ? { best: true } : {};
    await context.emit({ event: "checkpoint", epoch, step, path, monitor, mode, score, ...best });
  }

  private nameOf({ epoch, step }: FitContext, metrics: Metrics, score: number): string {
    const { filename, monitor = "" } = this.options;
    if (filename !== undefined) return checkpointName(filename, { epoch, step, ...metrics });
    return `epoch-${String(epoch + 1).padStart(3, "0")}_${monitor.replace(/\W/g, "_")}-${score.toFixed(4)}`;
  }

  onFitEnd(context: FitContext): void {
    this.saveLast(context);
  }

  /** Whether this callback writes the checkpoint: the last of several does, because it holds the state of all. */
  private saveLast(context: FitContext): void {
    const all = peers(context);
    if (all.at(-1) === this && all.some(({ options }) => options.saveLast)) this.writeLast(context);
  }

  private writeLast(context: FitContext): void {
    const path = join(context.checkpoints, LAST);
    for (const peer of peers(context)) [peer.written, peer.step] = [context.seconds, context.step];
    if (context.save(path)) context.kept.last = path;
  }

  /**
   * Whether this callback defines the run's best checkpoint: the first one with a metric does. Without any, the first
   * one gives the reason.
   */
  private definesBest(context: FitContext): boolean {
    const all = peers(context);
    return (all.find(({ monitor }) => monitor !== undefined) ?? all[0]) === this;
  }

  /** Reports the best checkpoint to the run, or the reason why there is none. */
  private tellBest(context: FitContext): void {
    if (!this.definesBest(context)) return;
    const { kept } = context;
    if (this.best[0]) {
      kept.best = this.best[0];
      delete kept.noBest;
    } else kept.noBest = this.whyNoBest();
  }

  private whyNoBest(): string {
    const { monitor, saveTopK } = this.options;
    if (monitor === undefined)
      return "its ModelCheckpoint has no `monitor`, so no checkpoint is ranked; give it one, such as `val_loss`";
    if (saveTopK === 0)
      return `its ModelCheckpoint of ${monitor} has \`saveTopK: 0\`, so none of the best is kept; give at least 1`;
    if (this.scores.length === 0)
      return "no validation was finished, so no checkpoint could be judged; train longer, or validate more (`checkValEveryNEpoch`, `limitValBatches`)";
    if (!this.scores.some(Number.isFinite))
      return `${monitor} was not a finite number in any validation (NaN or infinite in all ${this.scores.length})`;
    return "its file could not be written; the warnings of the run say why";
  }
}

const peers = ({ callbacks }: FitContext) =>
  callbacks.filter((callback): callback is ModelCheckpoint => callback instanceof ModelCheckpoint);

/** Whether a file may be one of the best checkpoints, which have any name but that of the last one. */
const isRanked = (name: string) => /^(?!last\.).+\.safetensors$/.test(name);

/** Returns the path of a checkpoint, with `-v1` or the next number appended if the file exists. */
function unusedPath(path: string): string {
  let version = 0;
  const named = () => `${path}${version === 0 ? "" : `-v${version}`}.safetensors`;
  while (existsSync(named())) version++;
  return named();
}
