import { existsSync } from "node:fs";
import { type MovieDtype, prepareSessions, type SessionConfig } from "../data";
import { buildModel, type Model, type ModelInput, parseModelConfig } from "../model";
import { loadCheckpoint } from "../trainer/checkpoint";
import { variablesOf } from "../trainer/run";
import { MultiDatasetDM } from "../twin/multi-dataset";
import { TwinModule } from "../twin/twin-module";
import type { RecordedRun } from "./open-run";

/** A run's model with the weights of its best checkpoint, and the recordings where their files are still there. */
export interface Rebuilt {
  model: Model;
  /** Absent without the recordings. */
  twin?: TwinModule;
  /** Session files that are missing. */
  missing: string[];
}

/**
 * Makes a run's digital twin again from its folder: configuration and best checkpoint, else the last.
 *
 * @returns undefined when the run trained something else, or kept no checkpoint
 */
export async function rebuildTwin(run: RecordedRun): Promise<Rebuilt | undefined> {
  const { model: given, sessions, input, dset_dtype: dsetDtype = "uint8" } = run.config as Recorded;
  const checkpoint = run.best ?? run.checkpoints.at(-1);
  if (!given || !sessions || !input || !checkpoint) return undefined;
  const where = `${run.folder}/config.yaml`;
  const model = buildModel(parseModelConfig(given, where), input, 0, where);
  try {
    loadCheckpoint(checkpoint.path, variablesOf(model));
    const missing = sessions.map(({ file }) => file).filter((file) => !existsSync(file));
    if (missing.length > 0) return { model, missing };
    const prepared = await prepareSessions(sessions, { dsetDtype });
    return { model, twin: new TwinModule(model, new MultiDatasetDM(prepared), run.config), missing };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

interface Recorded {
  model?: unknown;
  sessions?: readonly SessionConfig[];
  input?: ModelInput;
  dset_dtype?: MovieDtype;
}
