import { join } from "node:path";
import type { Link, Program } from "../../distributed";
import type { Callback, Kept } from "../../protocols/callback";
import type { EpochRecord, Observer, Stopped } from "../../protocols/events";
import type { BatchSource, Recipe, TrainingModule } from "../../protocols/module";
import { cook } from "../../protocols/recipe";
import { saveCheckpoint } from "../checkpoint/checkpoint";
import { RunFolder } from "../checkpoint/run-folder";
import { NOTHING_GOES_ON } from "../checkpoint/state";
import { Fit } from "../fit";
import type { CheckedOptions } from "../options";
import { variablesOf } from "../run";
import { sourceOf } from "../validation";
import { Ranks } from "./ranks";

/** The message that tells a worker what to train. */
export interface Orders {
  readonly module: Recipe;
  readonly source?: Recipe;
  readonly callbacks: readonly Recipe[];
  readonly options: Omit<CheckedOptions, "callbacks" | "signal">;
  readonly folder: string;
}

/** The result that rank 0 returns. */
export interface Report {
  readonly stopped: Stopped;
  readonly history: readonly EpochRecord[];
  readonly kept: Kept;
  readonly seconds: number;
  /** The path of a checkpoint with the weights at the end of the fit. */
  readonly weights: string;
}

const WEIGHTS = "final.safetensors";

/** The program of a worker. */
export const TRAIN_ON_RANK: Program = { module: __filename, name: "trainOnRank" };

/** Trains as one of the processes that a `Supervisor` started. */
export async function trainOnRank(link: Link, orders: Orders): Promise<Report | undefined> {
  const given = orders.source ? await cook<BatchSource>(orders.source) : undefined;
  const module = await cook<TrainingModule>(orders.module);
  const source = sourceOf(module, given);
  const workers = await Promise.all(orders.callbacks.map((recipe) => cook<Callback>(recipe)));
  const folder = new RunFolder(orders.folder);
  const telling: Observer = { observe: (event) => link.tell(event) };
  const ranks = link.worldSize > 1 ? new Ranks(link) : undefined;
  const observers = link.rank === 0 ? [telling] : [];
  const fit = new Fit(
    module,
    source,
    { ...orders.options, callbacks: [] },
    folder,
    workers,
    observers,
    ranks,
  );
  const { stopped, history, kept, seconds } = await fit.run();
  const weights = join(folder.logs, WEIGHTS);
  if (link.rank > 0) return undefined;
  saveCheckpoint(weights, variablesOf(module), {
    ...{ format: 1, epoch: fit.epoch, step: fit.step, seed: orders.options.seed },
    ...{ ...NOTHING_GOES_ON, metrics: {}, config: module.config },
  });
  return { stopped, history, kept, seconds, weights };
}
