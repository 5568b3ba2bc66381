import { ConfigError } from "../../base/config";
import { experimentPictures } from "../../insilico/experiment-pictures";
import type { RescaleMode } from "../../metrics";
import { twinOf } from "../../twin/load-twin";
import type { Twin } from "../../twin/twin";
import type { Evaluation } from "../evaluation";
import { evaluationOfRun } from "./evaluation-of-run";
import type { RecordedRun } from "./open-run";
import {
  evaluationPictures,
  featurePictures,
  kernelPictures,
  maskPictures,
  type Picture,
  weightPictures,
} from "./pictures";
import { rebuildTwin } from "./rebuild";

/** The results of a report beside the curves. */
export interface Learned {
  pictures: Picture[];
  evaluation?: Evaluation;
  /** Notes on missing parts, with the reasons. */
  notes: string[];
}

/** The options of a report with their defaults. */
export interface Reporting {
  readonly trust: boolean;
  readonly rescale: RescaleMode | undefined;
  readonly experiments: boolean;
  readonly pixelsPerDegree: number | undefined;
  readonly onProgress: (doing: string) => void;
}

/**
 * Rebuilds the twin of a run, evaluates it, and draws what it learned.
 *
 * @returns notes in place of the pictures when the run has no checkpoint or its model cannot be rebuilt
 */
export async function whatItLearned(run: RecordedRun, reporting: Reporting): Promise<Learned> {
  const { trust, pixelsPerDegree, onProgress } = reporting;
  const weights = run.best ?? run.checkpoints.at(-1);
  if (!weights) return { pictures: [], notes: ["The run kept no checkpoint, so there is no model to show."] };
  const notes: string[] = [];
  try {
    onProgress("rebuilding the model");
    const rebuilt = await rebuildTwin(run, {
      trust,
      onModule: (file) => onProgress(`running the run's own components in ${file}`),
    });
    if (!rebuilt) return { pictures: weightPictures(weights.path), notes };
    const { model, recorded, twin, missing } = rebuilt;
    if (missing.length > 0)
      notes.push(
        `Pictures that need the recordings are missing; these files are not here: ${missing.join(", ")}.`,
      );
    const pictures = kernelPictures(model);
    if (twin) pictures.push(...(await maskPictures(twin)), ...featurePictures(twin));
    const evaluation = await evaluationOfRun(run, weights.name, twin, reporting);
    if (evaluation) pictures.push(...evaluationPictures(evaluation));
    notes.push(...(evaluation?.notes ?? []).map(({ text }) => text));
    if (reporting.experiments) {
      onProgress("experimenting on the twin");
      const view = pixelsPerDegree === undefined ? {} : { pixelsPerDegree };
      const alone = twinOf(recorded, model, weights.path, { ...view, sharesModel: true });
      const found = await experimentsOn(alone);
      pictures.push(...found.pictures);
      notes.push(...found.notes);
    }
    if (twin) twin.dispose();
    else model.dispose();
    return { pictures, ...(evaluation ? { evaluation } : {}), notes };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return weightsAlone(weights.path, error);
  }
}

/** Returns the pictures of experiments on a twin, or a note with the reason when the model does not allow them. Disposes the twin. */
async function experimentsOn(twin: Twin): Promise<Learned> {
  try {
    return { pictures: await experimentPictures(twin), notes: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { pictures: [], notes: [`There are no experiments on the twin: ${error.message}`] };
  } finally {
    twin.dispose();
  }
}

/**
 * Returns the pictures of a checkpoint whose model cannot be rebuilt, or a note with the reason when the file cannot be
 * read.
 */
function weightsAlone(checkpoint: string, { message }: ConfigError): Learned {
  const notes = [`The model cannot be rebuilt: ${message}`];
  try {
    return { pictures: weightPictures(checkpoint), notes };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const unread = `There are no pictures of the model, because its checkpoint cannot be read: ${error.message}`;
    return { pictures: [], notes: error.message === message ? [unread] : [...notes, unread] };
  }
}
