import { join } from "node:path";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import type { RescaleMode } from "../../metrics";
import { whatItLearned } from "./learned";
import { openRun } from "./open-run";
import { OVER_EPOCHS, picturesOverEpochs } from "./over-epochs";
import { toPage } from "./page";
import {
  filesSection,
  keyFigures,
  picturesSection,
  scoresSection,
  subtitleOf,
  trainingSection,
} from "./sections";

/** The options of `writeReport`. */
export interface ReportOptions {
  /** The path of the page. Default: `report.html` in the run's folder. */
  out?: string;
  /**
   * Whether the custom components that the run's configuration names may be run. Default: no, because a run's folder
   * may come from another person.
   */
  trust?: boolean;
  /** Also scores rates whose gain and offset are fitted: see `EvaluateOptions`. Default: no rescaled score. */
  rescale?: RescaleMode;
  /** Also measures tuning, receptive fields and most exciting inputs of the twin: see `gradbook/insilico`. Default: no. */
  experiments?: boolean;
  /** The stimulus' pixels per degree, for experiments. Default: as the run recorded it. */
  pixelsPerDegree?: number;
  /** Receives a description of each activity, and the path of each module before it is run. */
  onProgress?: (doing: string) => void;
}

/**
 * Writes one page about a run, from its folder alone: curves, scores, what the model learned, checkpoints,
 * configuration. The evaluation of the best checkpoint is kept in the folder, so that the next report computes only sessions whose
 * recordings have changed.
 *
 * @returns the page's path
 * @throws ConfigError when the folder holds no run, or the page cannot be written
 */
export async function writeReport(
  folder: string,
  {
    out = join(folder, "report.html"),
    trust = false,
    rescale,
    experiments = false,
    pixelsPerDegree,
    onProgress = () => {},
  }: ReportOptions = {},
): Promise<string> {
  onProgress("reading the run");
  const run = openRun(folder);
  makeFolderOf(out);
  const reporting = { trust, rescale, experiments, pixelsPerDegree, onProgress };
  const { pictures, evaluation, notes } = await whatItLearned(run, reporting);
  onProgress("drawing");
  const over = picturesOverEpochs(run);
  const sections = [
    trainingSection(run, notes),
    ...(evaluation ? [scoresSection(evaluation)] : []),
    ...(pictures.length > 0 ? [picturesSection(pictures)] : []),
    ...(over ? [{ title: "How it developed", html: over }] : []),
    filesSection(run),
  ];
  const keys = keyFigures(run, evaluation);
  const script = over ? { script: OVER_EPOCHS } : {};
  writeAtomically(out, [toPage({ title: run.name, subtitle: subtitleOf(run), keys, sections, ...script })]);
  return out;
}
