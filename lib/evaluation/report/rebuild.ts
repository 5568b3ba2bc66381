import { existsSync } from "node:fs";
import { z } from "zod";
import { ConfigError, check, modulesNamedIn } from "../../base/config";
import { MOVIE_DTYPES } from "../../base/dsp/movie";
import { prepareSessions } from "../../data/load";
import { MultiDatasetDM } from "../../data/serving/multi-dataset";
import { type SessionConfig, sessionSchema } from "../../data/session-schema";
import { buildModel, type Model, type ModelInput, parseModelConfig } from "../../model";
import { loadCheckpoint } from "../../trainer/checkpoint/checkpoint";
import { variablesOf } from "../../trainer/run";
import { TwinModule } from "../../twin/twin-module";
import type { RecordedRun } from "./open-run";

/** A run's model with the weights of its best checkpoint, and the recordings if their files still exist. */
export interface Rebuilt {
  model: Model;
  /** The twin; absent without the recordings. */
  twin?: TwinModule;
  /** The session files that are missing. */
  missing: string[];
}

/** The options of `rebuildTwin`. */
export interface RebuildOptions {
  /** Whether the modules that the run's configuration names may be run. Default: no. */
  trust?: boolean;
  /** Receives the path of each module before it is run. */
  onModule?: (file: string) => void;
}

/**
 * Rebuilds a run's digital twin from its folder: the configuration and the best checkpoint, or else the last one. It
 * runs no code of the folder unless the folder is trusted.
 *
 * @returns undefined when the run trained something else, or kept no checkpoint
 * @throws ConfigError when the configuration is damaged, or names modules and is not trusted
 */
export async function rebuildTwin(
  run: RecordedRun,
  options: RebuildOptions = {},
): Promise<Rebuilt | undefined> {
  const checkpoint = run.best ?? run.checkpoints.at(-1);
  if (!("model" in run.config && "sessions" in run.config && "input" in run.config) || !checkpoint)
    return undefined;
  const where = `${run.folder}/config.yaml`;
  const { model: given, sessions, input, dset_dtype: dsetDtype } = check(recorded, run.config, where);
  requireTrust([given, sessions], where, options);
  const model = buildModel(parseModelConfig(given, where), input as ModelInput, 0, where);
  try {
    loadCheckpoint(checkpoint.path, variablesOf(model));
    const missing = sessions.map(({ file }) => file).filter((file) => !existsSync(file));
    if (missing.length > 0) return { model, missing };
    const prepared = await prepareSessions(sessions as SessionConfig[], { dsetDtype });
    return { model, twin: new TwinModule(model, new MultiDatasetDM(prepared), run.config), missing };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * Refuses to run modules of a folder that is not trusted: it may come from another person, and its modules could do
 * anything.
 */
function requireTrust(config: unknown, where: string, { trust = false, onModule }: RebuildOptions): void {
  const modules = modulesNamedIn(config, where);
  if (trust) for (const file of modules) onModule?.(file);
  else if (modules.length > 0)
    throw new ConfigError(where, [
      {
        path: "",
        message: `names components in ${modules.join(", ")}, which would be run; if you trust them, give --trust (in code: trust: true)`,
      },
    ]);
}

const size = z.int().positive();
/** The part of `config.yaml` that a twin is made from; `parseModelConfig` checks the model. */
const recorded = z.looseObject({
  model: z.looseObject({}),
  sessions: z.array(sessionSchema).min(1),
  input: z.looseObject({
    lags: size,
    height: size,
    width: size,
    units: z.array(size).min(1),
    behaviors: z.int().nonnegative().optional(),
    unitCoordinates: z.array(z.array(z.array(z.number()).min(1))).optional(),
    unitGroups: z.array(z.array(z.int().nonnegative())).optional(),
  }),
  dset_dtype: z.enum(MOVIE_DTYPES).default("uint8"),
});
