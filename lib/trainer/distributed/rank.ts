import { join } from "node:path";
import type { RendezvousClient } from "../../distributed/rendezvous-client";
import type { Program } from "../../distributed/supervisor";
import type { Callback, KeptCheckpoints } from "../../protocols/callback";
import type { EpochRecord, Observer, Stopped } from "../../protocols/events";
import { instantiate } from "../../protocols/factory-reference";
import type { BatchSource, FactoryReference, TrainingModule } from "../../protocols/module";
import { saveCheckpoint } from "../checkpoint/checkpoint";
import { RunFolder } from "../checkpoint/run-folder";
import { NOTHING_GOES_ON } from "../checkpoint/state";
import { Fit } from "../fit";
import type { CheckedOptions } from "../options";
import { variablesOf } from "../run";
import { sourceOf } from "../validation";
import { ProcessGroup } from "./process-group";

/** The message that tells a worker what to train. */
export interface Orders {
  readonly module: FactoryReference;
  readonly source?: FactoryReference;
  readonly callbacks: readonly FactoryReference[];
  readonly options: Omit<CheckedOptions, "callbacks" | "signal">;
  readonly folder: string;
  /** The configuration of the run, without that of a module that only the workers make. */
  readonly config: object;
}

/** The result that rank 0 returns. */
export interface Report {
  readonly stopped: Stopped;
  readonly history: readonly EpochRecord[];
  readonly kept: KeptCheckpoints;
  readonly seconds: number;
  /** The path of a checkpoint with the weights at the end of the fit. */
  readonly weights: string;
}

const WEIGHTS = "final.safetensors";

/** The program of a worker. */
export const TRAIN_ON_RANK: Program = { module: __filename, name: "trainOnRank" };

/** Trains as one of the processes that a `Supervisor` started. */
export async function trainOnRank(client: RendezvousClient, orders: Orders): Promise<Report | undefined> {
  const given = orders.source ? await instantiate<BatchSource>(orders.source) : undefined;
  const module = await instantiate<TrainingModule>(orders.module);
  const source = sourceOf(module, given);
  const workers = await Promise.all(orders.callbacks.map((recipe) => instantiate<Callback>(recipe)));
  const folder = new RunFolder(orders.folder);
  const telling: Observer = { observe: (event) => client.tell(event) };
  const group = client.worldSize > 1 ? new ProcessGroup(client) : undefined;
  await group?.connect(module);
  if (client.rank === 0) folder.write({ ...orders.config, ...module.config });
  const observers = client.rank === 0 ? [telling] : [];
  const fit = new Fit(
    module,
    source,
    { ...orders.options, callbacks: [] },
    folder,
    workers,
    observers,
    group,
  );
  const { stopped, history, kept, seconds } = await fit.run();
  const weights = join(folder.logs, WEIGHTS);
  const arrays = fit.whole.gather(variablesOf(module));
  if (!arrays) return undefined;
  saveCheckpoint(weights, arrays, {
    format: 1,
    epoch: fit.epoch,
    step: fit.step,
    seed: orders.options.seed,
    ...NOTHING_GOES_ON,
    metrics: {},
    config: module.config,
  });
  return { stopped, history, kept, seconds, weights };
}
