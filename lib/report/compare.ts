import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config";
import { Table } from "../jupyter";
import { lowerIsBetter } from "../plots/curves";
import { Figure } from "../plots/figure";
import { PALETTE, type Panel } from "../plots/panel";
import { smooth } from "../plots/smooth";
import { writeAtomically } from "../trainer/atomic";
import { duration, openRun, type RecordedRun } from "./open-run";
import { toPage } from "./page";

/** Several runs on one page. */
export interface Comparison {
  /** A row for each run: its score and what its configuration has of its own. */
  table: Table;
  page: string;
  /** Folders that hold no run. */
  leftOut: readonly string[];
}

/**
 * Draws each metric of several runs in one panel, and lists where their configurations differ.
 *
 * @param page the HTML file to write
 * @throws ConfigError when none of the folders holds a run
 */
export function writeComparison(folders: readonly string[], page: string): Comparison {
  const isRun = (folder: string) => existsSync(join(folder, "events.jsonl"));
  const runs = folders.filter(isRun).map(openRun);
  if (runs.length === 0)
    throw new ConfigError("gradbook compare", [
      { path: "", message: `none of these folders holds a run: ${folders.join(", ")}` },
    ]);
  const differences = configDifferences(runs);
  const table = new Table(
    runs.map((run) => ({ run: run.name, ...scoreOf(run), ended: run.stopped ?? "no" })),
  );
  const rows = differences.map(({ key, values }) => ({
    key,
    ...Object.fromEntries(runs.map(({ name }, i) => [name, values[i]!])),
  }));
  const sections = [
    { title: "Curves", figures: [{ figure: comparisonFigure(runs), caption: CAPTION }] },
    { title: "Scores", table },
    rows.length > 0
      ? { title: "Where the configurations differ", table: new Table(rows) }
      : { title: "Where the configurations differ", text: "Nowhere." },
  ];
  const title = `${runs.length} runs`;
  writeAtomically(page, [toPage(title, runs.map(({ name }) => name).join(", "), [], sections)]);
  return { table, page, leftOut: folders.filter((folder) => !isRun(folder)) };
}

const CAPTION = "Training curves are smoothed. A run has one color in all panels.";

/** A panel for the training loss, one for each validation metric of all sessions together. */
export function comparisonFigure(runs: readonly RecordedRun[]): Figure {
  const names = new Set(runs.flatMap(({ curves }) => [...curves.validation.keys()]));
  // Sessions of their own would make a panel each, and the epoch's training loss is the first panel's again.
  const overall = [...names].filter((name) => !name.includes("/") && name.startsWith("val_"));
  const panels = ["train_loss", ...overall].map((metric): Panel => {
    const marks = runs.flatMap(({ name, curves }, i) => {
      const curve = curves.get(metric);
      if (!curve) return [];
      const y = metric === "train_loss" ? smooth(curve.y, 0.8) : curve.y;
      return [{ kind: "line" as const, name, x: curve.x, y, color: PALETTE[i % PALETTE.length]! }];
    });
    return { title: metric, x: { label: "step" }, y: { label: metric }, marks };
  });
  return new Figure(panels, `${panels.length} metrics of ${runs.length} runs`, { columns: 2 });
}

function scoreOf(run: RecordedRun): Record<string, string | number> {
  const { best, history, seconds } = run;
  const score =
    best?.monitor && best.score !== undefined
      ? { metric: `${best.monitor} (${lowerIsBetter(best.monitor) ? "min" : "max"})`, best: best.score }
      : { metric: "", best: "" };
  return { ...score, epochs: history.length, time: duration(seconds) };
}

/** One key of the configurations, with its value in each run. */
export interface Difference {
  /** Such as `trainer.optimizer.lr`. */
  key: string;
  values: readonly string[];
}

/** Keys whose values are not the same in all runs; a run that lacks a key has a dash. Names of runs are left out. */
export function configDifferences(runs: readonly Pick<RecordedRun, "config">[]): Difference[] {
  const flat = runs.map(({ config }) => new Map(leaves(config, "")));
  const keys = [...new Set(flat.flatMap((entries) => [...entries.keys()]))];
  return keys
    .map((key) => ({ key, values: flat.map((entries) => entries.get(key) ?? "–") }))
    .filter(({ key, values }) => key !== "trainer.name" && new Set(values).size > 1);
}

function leaves(value: unknown, path: string): [string, string][] {
  const isMapping = value !== null && typeof value === "object" && !Array.isArray(value);
  const isListOfMappings =
    Array.isArray(value) && value.some((item) => item !== null && typeof item === "object");
  if (!isMapping && !isListOfMappings) return [[path, JSON.stringify(value) ?? "–"]];
  return Object.entries(value as object).flatMap(([key, inner]) =>
    leaves(inner, path ? `${path}.${key}` : key),
  );
}
