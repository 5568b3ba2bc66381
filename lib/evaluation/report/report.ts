import { basename, join } from "node:path";
import { dump } from "js-yaml";
import { ConfigError } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import { html, joinHtml, Table } from "../../base/jupyter/table";
import { duration } from "../../base/terminal/fit-line";
import { experimentPictures } from "../../insilico/experiment-pictures";
import type { RescaleMode } from "../../metrics";
import { twinOf } from "../../twin/load-twin";
import type { Twin } from "../../twin/twin";
import type { Evaluation } from "../evaluation";
import type { AlignedFixations } from "../fixations";
import { evaluationOfRun } from "./evaluation-of-run";
import { openRun, type RecordedRun } from "./open-run";
import { OVER_EPOCHS, picturesOverEpochs } from "./over-epochs";
import { type KeyFigure, type Section, toPage } from "./page";
import {
  evaluationPictures,
  featurePictures,
  kernelPictures,
  maskPictures,
  type Picture,
  weightPictures,
} from "./pictures";
import { rebuildTwin } from "./rebuild";

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
  const { pictures, evaluation, notes } = await whatItLearned(run, {
    trust,
    rescale,
    experiments,
    pixelsPerDegree,
    onProgress,
  });
  onProgress("drawing");
  const { warnings, first } = run.summary;
  if (run.unreadable > 0)
    notes.push(`${run.unreadable} lines of events.jsonl cannot be read and are left out.`);
  const over = picturesOverEpochs(run);
  const sections: Section[] = [
    {
      title: "Training",
      figures: [
        {
          figure: run.figure(),
          caption:
            "Training curves are smoothed, with the raw ones behind them; a star marks the best validation.",
        },
      ],
      html: joinHtml(
        [...new Set([...warnings, ...notes])].map((text) => html`<p class="warning">${text}</p>`),
      ),
    },
    ...(evaluation ? [scores(evaluation)] : []),
    ...(pictures.length > 0
      ? [
          {
            title: "What it learned",
            figures: pictures.map(({ name, caption, figure }) => ({ title: capital(name), caption, figure })),
          },
        ]
      : []),
    ...(over ? [{ title: "How it developed", html: over }] : []),
    {
      title: "Checkpoints and configuration",
      ...(run.checkpoints.length > 0 ? { table: checkpoints(run) } : {}),
      folded: { title: "config.yaml", text: dump(run.config, { noRefs: true, flowLevel: 5 }) },
    },
  ];
  const started = first ? new Date(first.time * 1000) : undefined;
  const when =
    started && !Number.isNaN(started.getTime()) ? started.toISOString().replace("T", " ").slice(0, 16) : "";
  const subtitle = `${when ? `started ${when} UTC, ` : ""}${run.stopped ?? "not ended"}; ${run.folder}`;
  const keys = keyFigures(run, evaluation);
  const script = over ? { script: OVER_EPOCHS } : {};
  writeAtomically(out, [toPage({ title: run.name, subtitle, keys, sections, ...script })]);
  return out;
}

interface Learned {
  pictures: Picture[];
  evaluation?: Evaluation;
  /** Notes on missing parts, with the reasons. */
  notes: string[];
}

/** The options of a report with their defaults. */
interface Reporting {
  readonly trust: boolean;
  readonly rescale: RescaleMode | undefined;
  readonly experiments: boolean;
  readonly pixelsPerDegree: number | undefined;
  readonly onProgress: (doing: string) => void;
}

async function whatItLearned(run: RecordedRun, reporting: Reporting): Promise<Learned> {
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

function scores(evaluation: Evaluation): Section {
  const { repeats, units, fixations } = evaluation;
  const onRepeats =
    repeats > 0
      ? ` On ${repeats} repeats of the same stimuli: correlation with the mean response, alone and over the greatest possible (CCnorm, CCmax), the fraction of the explainable variance that is explained (FEV), the share of variance that is explainable, and the correlation of one response with the mean of the others (oracle).`
      : "";
  const rescaled = units.some(({ rescaledBitsPerSpike }) => rescaledBitsPerSpike !== undefined)
    ? " Rescaled bits per spike are those of rates whose scale is fitted to the same bins."
    : "";
  const [summaries, averages] = evaluation.isOfCounts
    ? ["bits per spike are means over units, the others medians.", "spike-triggered averages"]
    : ["medians over units.", "response-triggered averages"];
  return {
    title: "Scores",
    text: `The best checkpoint on validation trials: ${summaries} STA r is the correlation of the ${averages} of data and model.${rescaled}${onRepeats}${fixations.map(fixationText).join("")}`,
    table: evaluation.table(),
  };
}

function fixationText({ session, trials, bins, noiseCorrelation }: AlignedFixations): string {
  const noise = Number.isNaN(noiseCorrelation)
    ? ""
    : `, with a mean noise correlation of ${noiseCorrelation.toFixed(3)}`;
  return ` PSTH r of ${session} is the correlation of the mean responses of data and model over ${trials} trials of up to ${bins} bins during fixation${noise}.`;
}

function checkpoints({ checkpoints, best }: RecordedRun): Table {
  return new Table(
    checkpoints.map(({ name, epoch, step, monitor, score, bytes }) => ({
      checkpoint: name === best?.name ? `★ ${basename(name)}` : basename(name),
      epoch: epoch === undefined ? "" : epoch + 1,
      step: step ?? "",
      score: score === undefined ? "" : `${monitor} ${score.toFixed(4)}`,
      "size (MB)": bytes / 1e6,
    })),
  );
}

function keyFigures(run: RecordedRun, evaluation: Evaluation | undefined): KeyFigure[] {
  const { best, history, seconds } = run;
  const { start } = run.summary;
  const [bits, possible] = ["bits_per_spike", "best_possible"].map((name) =>
    Number(evaluation?.metrics()[`eval/${name}`]),
  );
  const keys: (KeyFigure | false)[] = [
    best?.score !== undefined && { value: best.score.toFixed(4), label: `best ${best.monitor}` },
    possible! > 0 && { value: `${Math.round((100 * bits!) / possible!)} %`, label: "of the best possible" },
    { value: String(history.length), label: "epochs" },
    { value: (history.at(-1)?.step ?? 0).toLocaleString("en"), label: "steps" },
    { value: duration(seconds), label: "duration" },
    start !== undefined && { value: start.parameters.toLocaleString("en"), label: "parameters" },
  ];
  return keys.filter((key) => key !== false);
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
