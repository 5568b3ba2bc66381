import { throwFound } from "../base/config/notes";
import { recordingOf } from "../data/find-recording";
import type { DeferredModule } from "../protocols/module";
import { checkExperiment } from "./check-experiment";
import { expectedMonitor } from "./expected-monitor";
import { type ExperimentFiles, loadExperiment, recipeOf } from "./experiment";

/** An experiment whose recordings are read only by the processes that train. */
export interface DeferredExperiment extends DeferredModule {
  /** The names of the sessions. */
  readonly datasets: readonly string[];
  /** The metric that ranks checkpoints by default, as `TwinModule.monitor`. */
  readonly monitor: { readonly monitor: string; readonly mode: "max" };
}

/**
 * Checks the files of an experiment, which `Trainer.fit` then loads in each process that trains. With several `devices` the process that
 * calls `fit` needs no memory for recordings, of which it reads only the kind of the responses.
 *
 * @param files as for `loadExperiment`
 * @throws ConfigError that names the file and the key, and for a recording that is missing
 * @example
 * const experiment = await deferExperiment({ model: "model.yaml", sessions: "sessions.yaml", shard: "sessions" });
 * const run = await new Trainer({ devices: 4 }).fit(experiment);
 * const twin = await loadTwin(run.folder);
 */
export async function deferExperiment(files: ExperimentFiles): Promise<DeferredExperiment> {
  const { model, sessions, dsetDtype = "uint8", maxDatasets, dataDir } = files;
  const checked = checkExperiment({ model, sessions, dsetDtype, maxDatasets, assumesSizes: false });
  throwFound(checked.problems, "the model and its sessions");
  const configs = checked.sessions!;
  for (const config of configs) recordingOf(config, dataDir);
  return {
    recipe: recipeOf(files),
    datasets: configs.map(({ session }) => session),
    monitor: { monitor: await expectedMonitor(files), mode: "max" },
    make: () => loadExperiment(files),
  };
}
