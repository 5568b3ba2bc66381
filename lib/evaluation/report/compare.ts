import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import { html, joinHtml, settingsOf, Table } from "../../base/jupyter/table";
import { duration } from "../../base/terminal/fit-line";
import { comparedUnitsFigure } from "../../insilico/compared-figure";
import type { Curve } from "../../plots/bounded-curve";
import { Figure } from "../../plots/figure";
import { axisOf, lowerIsBetter, titleOf } from "../../plots/metric-words";
import { type Panel, seriesStyle } from "../../plots/panel";
import { smooth } from "../../plots/smooth";
import type { ComparedTwins } from "./compare-twins";
import { openRun, type RecordedRun } from "./open-run";
import { type Section, toPage } from "./page";

/** A comparison of several runs. */
export interface Comparison {
  runs: readonly RecordedRun[];
  /** A figure with one panel for each metric, showing all runs. */
  figure: Figure;
  /** A row for each run: its best checkpoint, its duration, and how it ended. */
  scores: Table;
  /** A row for each key of the configurations whose values differ. */
  differences: Table;
  /** The folders that hold no run. */
  leftOut: readonly string[];
}

/**
 * Reads several runs from their folders and compares them.
 *
 * @example
 * display(compareRuns(["runs/first", "runs/second"]).figure);
 *
 * @throws ConfigError when none of the folders holds a run
 */
export function compareRuns(folders: readonly string[]): Comparison {
  const isRun = (folder: string) => existsSync(join(folder, "events.jsonl"));
  const runs = folders.filter(isRun).map(openRun);
  if (runs.length === 0)
    throw new ConfigError("compareRuns", [
      {
        path: "",
        message: `none of these folders holds a run (events.jsonl): ${folders.join(", ")}; give folders such as runs/first`,
      },
    ]);
  const differences = configDifferences(runs).map(({ key, values }) => ({
    key,
    ...Object.fromEntries(runs.map(({ name }, i) => [name, values[i]!])),
  }));
  return {
    runs,
    figure: comparisonFigure(runs),
    scores: new Table(runs.map((run) => ({ run: run.name, ...scoreOf(run), ended: run.stopped ?? "no" }))),
    differences: new Table(
      differences.length > 0 ? differences : [{ key: "nowhere" }],
      "Where the configurations differ",
    ),
    leftOut: folders.filter((folder) => !isRun(folder)),
  };
}

/**
 * Writes a comparison as one self-contained page.
 *
 * @param page the HTML file @param twins a comparison of the runs' units. Default: none
 * @throws ConfigError when it cannot be written
 */
export function writeComparison(
  { runs, figure, scores, differences }: Comparison,
  page: string,
  twins?: ComparedTwins,
): void {
  const sections = [
    { title: "Curves", figures: [{ figure, caption: CAPTION }] },
    { title: "Scores", table: scores },
    ...(twins ? [unitsSection(twins)] : []),
    { title: "Configurations", table: differences },
  ];
  const subtitle = runs.map(({ name }) => name).join(", ");
  makeFolderOf(page);
  writeAtomically(page, [toPage({ title: `${runs.length} runs`, subtitle, sections })]);
}

function unitsSection({ units, notes }: ComparedTwins): Section {
  const section = {
    title: "Units",
    html: joinHtml(notes.map((note) => html`<p class="warning">${note}</p>`)),
  };
  if (!units) return section;
  const seeds = units.seeds().flatMap(({ name, correlation }) => {
    return correlation === undefined ? [] : `${name} ${correlation.toFixed(2)}`;
  });
  const text =
    "Units are matched by session and id; numbers are medians over units. Inputs are those that drive a unit most. Exchanged: the response of the first or second run to the other run's input, over that to its own.";
  const reference =
    seeds.length > 0 ? ` Inputs of two seeds of one run correlate by: ${seeds.join(", ")}.` : "";
  const figures = [{ figure: comparedUnitsFigure(units), caption: "Each point is a unit." }];
  return { ...section, text: `${text}${reference}`, table: units.table(), figures };
}

const CAPTION = "Training curves are smoothed. A run has one color in all panels.";

/** Draws a panel for the training loss, and one for each validation metric over all sessions. */
function comparisonFigure(runs: readonly RecordedRun[]): Figure {
  const names = new Set(runs.flatMap(({ curves }) => [...curves.validation.keys()]));
  // Metrics of single sessions are left out, because each would need a panel. The epoch's training loss is already in
  // the first panel.
  const overall = [...names].filter((name) => !name.includes("/") && name.startsWith("val_"));
  const panels = ["train_loss", ...overall].map((metric, panel): Panel => {
    const marks = runs.flatMap(({ name, curves }, i) => {
      const curve = curves.find(metric);
      if (!curve) return [];
      const { x, y } = metric === "train_loss" ? smoothed(curve.means()) : curve.drawn();
      // One legend serves all panels.
      return [{ kind: "line" as const, name, unlisted: panel > 0, x, y, ...seriesStyle(i) }];
    });
    return {
      title: titleOf([metric]),
      x: { label: "optimizer step" },
      y: { label: axisOf([metric]) },
      marks,
    };
  });
  return new Figure(panels, `${panels.length} metrics of ${runs.length} runs`, { columns: 2 });
}

const smoothed = ({ x, y }: Curve): Curve => ({ x, y: smooth(y, 0.8) });

function scoreOf(run: RecordedRun): Record<string, string | number> {
  const { best, history, seconds } = run;
  const score =
    best?.monitor && best.score !== undefined
      ? { metric: `${best.monitor} (${lowerIsBetter(best.monitor) ? "min" : "max"})`, best: best.score }
      : { metric: "", best: "" };
  return { ...score, epochs: history.length, time: duration(seconds) };
}

/** A key of the configurations, with its value in each run. */
export interface Difference {
  /** The path of the key, such as `trainer.optimizer.lr`. */
  key: string;
  values: readonly string[];
}

/**
 * Returns the keys whose values differ between runs. A run that lacks a key has a dash. The names of runs are left out.
 */
export function configDifferences(runs: readonly Pick<RecordedRun, "config">[]): Difference[] {
  const flat = runs.map(({ config }) => new Map(settingsOf(config)));
  const keys = [...new Set(flat.flatMap((entries) => [...entries.keys()]))];
  return keys
    .map((key) => ({ key, values: flat.map((entries) => entries.get(key) ?? "–") }))
    .filter(({ key, values }) => key !== "trainer.name" && new Set(values).size > 1);
}
