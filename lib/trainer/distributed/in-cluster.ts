import { join } from "node:path";
import type { ClusterEnvironment } from "../../distributed/cluster-environment";
import { RendezvousClient } from "../../distributed/rendezvous-client";
import type { Callback } from "../../protocols/callback";
import { EventsFile, type Observer } from "../../protocols/events";
import type { BatchSource, TrainingModule } from "../../protocols/module";
import type { ResumePoint } from "../checkpoint/resume";
import { RunFolder } from "../checkpoint/run-folder";
import { Fit } from "../fit";
import type { CheckedOptions } from "../options";
import type { Run } from "../run";
import { ProcessGroup } from "./process-group";

/**
 * The connection to the other processes that torchrun or SLURM started. It is made once and used for every fit of the
 * program.
 */
let joined: Promise<RendezvousClient> | undefined;

/**
 * The number of seconds that the first process waits for the last one. On a cluster, processes start at different
 * times.
 */
const JOIN_TIMEOUT = 300;

/**
 * Trains as one of the processes that torchrun or SLURM started. Only rank 0 runs observers and writes the run's
 * folder.
 */
export async function fitInCluster(place: ClusterEnvironment, fitting: Fitting): Promise<Run> {
  const { module, source, options, workers, observers, open } = fitting;
  const { GRADBOOK_KEY: key, GRADBOOK_HOST: host, GRADBOOK_JOIN_TIMEOUT } = process.env;
  const path = join(options.dir, options.name);
  joined ??= RendezvousClient.join(place, {
    supervised: false,
    secret: key ? { key } : { file: join(path, `join-${place.port}.key`) },
    watchdog: options.watchdog,
    joinTimeout: Number(GRADBOOK_JOIN_TIMEOUT ?? JOIN_TIMEOUT),
    ...(host === undefined ? {} : { host }),
  });
  const client = await joined;
  await client.begin();
  let folder: RunFolder | undefined;
  try {
    const group = new ProcessGroup(client);
    const first = place.rank === 0;
    folder = first ? open() : new RunFolder(path);
    const seen = first ? [new EventsFile(folder.events), ...observers] : [];
    const run = await new Fit(module, source, options, folder, workers, seen, group).run();
    group.dispose();
    await client.part();
    return run;
  } catch (error) {
    await client.fail(error);
    throw error;
  } finally {
    folder?.release();
  }
}

/** A fit, before it is decided where it runs. */
export interface Fitting {
  readonly module: TrainingModule;
  /** The source of the batches: the module, unless another source was given. */
  readonly source: BatchSource;
  readonly options: CheckedOptions;
  /** Opens the run's folder, or reopens it to continue there. Called once for all processes. */
  open(): RunFolder;
  /** Resets the run's folder to a checkpoint. */
  goOn(folder: RunFolder, from: ResumePoint): void;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
}
