import { basename } from "node:path";
import { dump } from "js-yaml";
import { html, joinHtml, Table } from "../../base/jupyter/table";
import { duration } from "../../base/terminal/fit-line";
import type { Evaluation } from "../evaluation";
import type { AlignedFixations } from "../fixations";
import type { RecordedRun } from "./open-run";
import type { KeyFigure, Section } from "./page";
import type { Picture } from "./pictures";

/** Returns the training curves, with the warnings of the run and the notes on missing parts. */
export function trainingSection(run: RecordedRun, notes: readonly string[]): Section {
  const lost =
    run.unreadable > 0 ? [`${run.unreadable} lines of events.jsonl cannot be read and are left out.`] : [];
  const texts = new Set([...run.summary.warnings, ...notes, ...lost]);
  const caption =
    "Training curves are smoothed, with the raw ones behind them; a star marks the best validation.";
  return {
    title: "Training",
    figures: [{ figure: run.figure(), caption }],
    html: joinHtml([...texts].map((text) => html`<p class="warning">${text}</p>`)),
  };
}

/** Returns the pictures of what the model learned. */
export function picturesSection(pictures: readonly Picture[]): Section {
  return {
    title: "What it learned",
    figures: pictures.map(({ name, caption, figure }) => ({ title: capital(name), caption, figure })),
  };
}

/** Returns the table of checkpoints and the configuration. */
export function filesSection(run: RecordedRun): Section {
  return {
    title: "Checkpoints and configuration",
    ...(run.checkpoints.length > 0 ? { table: checkpointsOf(run) } : {}),
    folded: { title: "config.yaml", text: dump(run.config, { noRefs: true, flowLevel: 5 }) },
  };
}

/** Returns a line with the run's start, the reason for its end, and its folder. */
export function subtitleOf({ summary: { first }, stopped, folder }: RecordedRun): string {
  const started = first ? new Date(first.time * 1000) : undefined;
  const when =
    started && !Number.isNaN(started.getTime()) ? started.toISOString().replace("T", " ").slice(0, 16) : "";
  return `${when ? `started ${when} UTC, ` : ""}${stopped ?? "not ended"}; ${folder}`;
}

/** Returns the scores of a run and their explanation. */
export function scoresSection(evaluation: Evaluation): Section {
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

function checkpointsOf({ checkpoints, best }: RecordedRun): Table {
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

/** Returns the numbers at the head of the page. */
export function keyFigures(run: RecordedRun, evaluation: Evaluation | undefined): KeyFigure[] {
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
