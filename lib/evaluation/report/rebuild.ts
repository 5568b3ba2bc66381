import { existsSync } from "node:fs";
import { isAddress } from "../../base/files/address";
import { prepareSessions } from "../../data/load";
import { MultiDatasetDM } from "../../data/serving/multi-dataset";
import type { SessionConfig } from "../../data/session-schema";
import type { Model } from "../../model";
import { loadCheckpoint } from "../../trainer/checkpoint/checkpoint";
import { variablesOf } from "../../trainer/run";
import { modelOf, type RecordedTwin, recordedTwin, type TrustOptions } from "../../twin/recorded-twin";
import { TwinModule } from "../../twin/twin-module";
import type { RecordedRun } from "./open-run";

/** A run's model with the weights of its best checkpoint, and the recordings if their files still exist. */
export interface Rebuilt {
  model: Model;
  /** The configuration that the run recorded, from which the model is built. */
  recorded: RecordedTwin;
  /** The twin with its recordings; absent without them. */
  twin?: TwinModule;
  /** The session files that are missing. */
  missing: string[];
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
  options: TrustOptions = {},
): Promise<Rebuilt | undefined> {
  const checkpoint = run.best ?? run.checkpoints.at(-1);
  const where = `${run.folder}/config.yaml`;
  const recorded = recordedTwin(run.config, where, options);
  if (!recorded || !checkpoint) return undefined;
  const { sessions, dset_dtype: dsetDtype } = recorded;
  const model = modelOf(recorded, where);
  try {
    loadCheckpoint(checkpoint.path, variablesOf(model));
    const missing = sessions.map(({ file }) => file).filter((file) => !isAddress(file) && !existsSync(file));
    if (missing.length > 0) return { model, recorded, missing };
    const prepared = await prepareSessions(sessions as SessionConfig[], { dsetDtype });
    const twin = new TwinModule(model, new MultiDatasetDM(prepared), run.config);
    return { model, recorded, twin, missing };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
