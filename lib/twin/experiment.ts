import { resolve } from "node:path";
import { isUserType } from "../base/config";
import { throwFound, warn } from "../base/config/notes";
import { shownAsTable } from "../base/jupyter/table";
import { behaviorsOf, MultiDatasetDM, type MultiDatasetOptions } from "../data/serving/multi-dataset";
import { buildModel, type StageName } from "../model";
import { notesOfDerived } from "../model/derived";
import { checkExperiment } from "./check-experiment";
import { inputOf, unitFacts } from "./experiment-input";
import { loadPretrained } from "./pretrained";
import { initFromResponses, requireFittedResponses } from "./response-statistics";
import { TwinModule } from "./twin-module";

/** A model and its sessions, as `gradbook train` names them. The other options are those of `MultiDatasetDM`. */
export interface ExperimentFiles extends MultiDatasetOptions {
  /** The model's YAML file, or a checkpoint of gradbook or PyTorch, whose model's configuration is taken. */
  model: string;
  /** The sessions' YAML file. */
  sessions: string;
  /** The seed of the initial weights. Default 0. */
  seed?: number;
  /**
   * A checkpoint from which the adapters (of sessions with the same name), the frontend and the convnet are loaded, or the stages
   * of `pretrainedStages`. Default: none.
   */
  pretrained?: string;
  /** The stages that are loaded from `pretrained`. Default: adapter, frontend and convnet. */
  pretrainedStages?: readonly StageName[];
  /** The training loss. Default: the model file's `loss`, which is `poisson` by default. */
  loss?: string;
  /** Stages that are not trained. Default: none. */
  freeze?: readonly StageName[];
}

/**
 * Reads both configurations and the recordings, builds the model, and initialises every unit at its mean rate.
 *
 * @throws ConfigError that names the file and the key: before any recording is read, all that is wrong in both configurations
 */
export async function loadExperiment(files: ExperimentFiles): Promise<TwinModule> {
  const { model, sessions, seed = 0, pretrained, pretrainedStages, freeze = [], loss, ...options } = files;
  const checked = checkExperiment({
    model,
    sessions,
    dsetDtype: options.dsetDtype ?? "uint8",
    maxDatasets: options.maxDatasets,
    assumesSizes: false,
  });
  checked.notes.forEach(warn);
  throwFound(checked.problems, "the model and its sessions");
  const [read, configs] = [checked.config!, checked.sessions!];
  // A path in code is relative to the working folder; a path in the file is relative to the file.
  const given = loss && isUserType(loss) ? resolve(loss) : loss;
  const config = { ...read, loss: given ?? read.loss };
  const data = await MultiDatasetDM.load(configs, options);
  const prepared = data.sessions;
  const first = prepared[0]!;
  const { height, width, channels, lags } = first;
  const units = prepared.map(({ cids }) => cids.length);
  const input = {
    lags: lags.length,
    height,
    width,
    channels,
    units,
    behaviors: behaviorsOf(first),
    ...inputOf(prepared.map((session) => session.config)),
    ...unitFacts(prepared),
  };
  const built = buildModel(config, input, seed, model);
  // A model whose sizes only the recordings give has no plan before they are read.
  if (!checked.plan) notesOfDerived(config, input, built.plan, model).forEach(warn);
  requireFittedResponses(built, prepared, model);
  initFromResponses(built, prepared);
  if (pretrained) {
    const names = prepared.map(({ name }) => name);
    const stages = pretrainedStages ? { stages: pretrainedStages } : {};
    const { missing } = loadPretrained(built, pretrained, { ...stages, sessions: names });
    if (missing.length > 0)
      console.warn(
        `${pretrained} lacks these weights, which keep their initial values: ${missing.join(", ")}`,
      );
  }
  built.freeze(freeze);
  const resolved = shownAsTable(
    {
      model: config,
      input,
      sessions: prepared.map((session) => session.config),
      dset_dtype: first.stimDtype,
      recordings: prepared.map(({ samplingRate, pixelsPerDegree = 1 }) => ({
        sampling_rate: samplingRate,
        pixels_per_degree: pixelsPerDegree,
      })),
    },
    `${model} on ${sessions}`,
  );
  const recipe = { module: __filename, name: "loadExperiment", options: files };
  return new TwinModule(built, data, resolved, recipe);
}
