import { resolve } from "node:path";
import { ConfigError, isUserType } from "../base/config";
import { throwFound, warn } from "../base/config/notes";
import { shownAsTable } from "../base/jupyter/table";
import { MultiDatasetDM, type MultiDatasetOptions } from "../data/serving/multi-dataset";
import { type Division, sessionsOf } from "../data/serving/sharded-order";
import type { SessionConfig } from "../data/session-schema";
import { clusterEnvironment } from "../distributed/cluster-environment";
import { buildModel, type StageName } from "../model";
import { notesOfDerived } from "../model/derived";
import type { FactoryReference } from "../protocols/module";
import { checkExperiment } from "./check-experiment";
import { divideSessions } from "./divide-sessions";
import { loadPretrained } from "./pretrained";
import { initFromResponses, notesOfSign, requireFittedResponses } from "./response-statistics";
import { factsOf, modelInput, resolvedConfig } from "./session-facts";
import { SessionShard } from "./session-shard";
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
  /**
   * `"sessions"`: when several processes train together, each one loads and trains only some of the sessions, and the gradients of the
   * core are summed. Losses and weights are those of a training in which each process has all sessions. Default: each process has all.
   */
  shard?: "sessions";
}

/**
 * Reads both configurations and the recordings, builds the model, and initialises every unit at its mean rate.
 *
 * @throws ConfigError that names the file and the key: before any recording is read, all that is wrong in both configurations
 */
export async function loadExperiment(files: ExperimentFiles): Promise<TwinModule> {
  const {
    model,
    sessions,
    seed = 0,
    pretrained,
    pretrainedStages,
    freeze = [],
    loss,
    shard,
    ...options
  } = files;
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
  const division = await divisionOf(shard, configs, options);
  const numbers = division && sessionsOf(division, division.rank);
  const data = await MultiDatasetDM.load(numbers?.map((session) => configs[session]!) ?? configs, options);
  const prepared = data.sessions;
  const first = prepared[0]!;
  const { counts } = data;
  const facts = prepared.map((session, i) => factsOf(session, counts[i]!));
  const input = modelInput(first, facts);
  const built = buildModel(config, input, seed, model, numbers);
  // A model whose sizes only the recordings give has no plan before they are read.
  if (!checked.plan) notesOfDerived(config, input, built.plan, model).forEach(warn);
  requireFittedResponses(built, prepared, model);
  notesOfSign(built, prepared, model).forEach(warn);
  initFromResponses(built, prepared);
  if (pretrained) {
    const names = prepared.map(({ name }) => name);
    const stages = pretrainedStages ? { stages: pretrainedStages } : {};
    const { missing } = loadPretrained(built, pretrained, { ...stages, sessions: names });
    if (missing.length > 0)
      console.warn(
        `${pretrained} lacks these weights, or does not name the sessions that they belong to, so they keep their initial values: ${missing.join(", ")}`,
      );
  }
  built.freeze(freeze);
  const resolved = shownAsTable(resolvedConfig(config, input, first, facts), `${model} on ${sessions}`);
  const names = configs.map(({ session }) => session);
  const module = new TwinModule(built, data, resolved, recipeOf(files));
  if (division) module.shard = new SessionShard(built, data, division, names, model);
  return module;
}

/** Returns the factory reference from which another process loads an experiment. */
export const recipeOf = (files: ExperimentFiles): FactoryReference => ({
  module: __filename,
  name: "loadExperiment",
  options: files,
});

/**
 * Returns the division of the sessions among the processes of a launcher; undefined in a single process.
 *
 * @throws ConfigError for options with which the sessions cannot be divided
 */
async function divisionOf(
  shard: ExperimentFiles["shard"],
  configs: readonly SessionConfig[],
  { homogeneousBatches, dataDir }: MultiDatasetOptions,
): Promise<Division | undefined> {
  if (shard === undefined) return undefined;
  const problem = (path: string, message: string) => new ConfigError("loadExperiment", [{ path, message }]);
  if (shard !== "sessions") throw problem("shard", `is ${JSON.stringify(shard)}, but must be "sessions"`);
  if (homogeneousBatches)
    throw problem(
      "homogeneousBatches",
      'gives each batch samples of one session, so with `shard: "sessions"` one process would compute and the others wait; leave one of them out',
    );
  const place = clusterEnvironment(process.env);
  return place && divideSessions(configs, place, dataDir);
}
