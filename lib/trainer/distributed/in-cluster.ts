import { join } from "node:path";
import type { ClusterEnvironment } from "../../distributed/cluster-environment";
import { meetingOf } from "../../distributed/meeting";
import { RendezvousClient } from "../../distributed/rendezvous-client";
import { EventsFile } from "../../protocols/events";
import { type DeferredModule, isDeferred, type TrainingModule } from "../../protocols/module";
import { RunFolder } from "../checkpoint/run-folder";
import { Fit } from "../fit";
import type { Fitting } from "../fitting";
import type { CheckedOptions } from "../options";
import type { Run } from "../run";
import { sourceOf } from "../validation";
import { ProcessGroup } from "./process-group";
import { type ReceivedCheckpoint, receiveCheckpoint } from "./received-checkpoint";
import { requireSameConfiguration } from "./same-configuration";

/**
 * The connection to the other processes that a launcher started. It is made once and used for every fit of the
 * program.
 */
let joined: Promise<RendezvousClient> | undefined;

/**
 * The number of seconds that the first process waits for the last one. On a cluster, processes start at different
 * times.
 */
const JOIN_TIMEOUT = 300;

/**
 * Trains as one of the processes that a launcher started. Only rank 0 runs observers, writes the run's folder and finds the checkpoint
 * to resume from; the other processes need no folder.
 *
 * @param given the module; a deferred one is made when all processes have joined, so that they do not wait to join while one of them loads.
 * Its parts in other processes are connected before the fit is prepared
 * @param begin prepares the fit; with `resume` it finds the checkpoint to resume from
 */
export async function fitInCluster(
  place: ClusterEnvironment,
  given: TrainingModule | DeferredModule,
  { dir, name, watchdog, resume }: CheckedOptions,
  begin: (module: TrainingModule, resume: string | undefined) => Fitting,
): Promise<Run> {
  const { GRADBOOK_KEY: key, GRADBOOK_HOST: host, GRADBOOK_JOIN_TIMEOUT } = process.env;
  joined ??= RendezvousClient.join(place, {
    supervised: false,
    meeting: meetingOf(place, dir, key),
    watchdog,
    joinTimeout: Number(GRADBOOK_JOIN_TIMEOUT ?? JOIN_TIMEOUT),
    ...(host === undefined ? {} : { host }),
  });
  const client = await joined;
  await client.begin();
  let folder: RunFolder | undefined;
  let received: ReceivedCheckpoint | undefined;
  try {
    const group = new ProcessGroup(client);
    const module = isDeferred(given) ? await given.make() : given;
    await group.connect(module);
    const first = place.rank === 0;
    const { source, options, workers, observers, config, open } = begin(module, first ? resume : undefined);
    await requireSameConfiguration(group, config);
    folder = first ? open() : new RunFolder(join(dir, name));
    received = await receiveCheckpoint(group, options.resume);
    const seen = first ? [new EventsFile(folder.events), ...observers] : [];
    const from = { ...options, resume: received.path };
    const run = await new Fit(module, sourceOf(module, source), from, folder, workers, seen, group).run();
    group.dispose();
    await client.part();
    return run;
  } catch (error) {
    await client.fail(error);
    throw error;
  } finally {
    received?.dispose();
    folder?.release();
  }
}
