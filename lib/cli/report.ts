import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { compareRuns, writeComparison } from "../evaluation/report/compare";
import { compareTwins } from "../evaluation/report/compare-twins";
import { writeReport } from "../evaluation/report/report";
import type { RescaleMode } from "../metrics/rescale";
import { positive } from "./arguments";
import { pixelsPerDegreeOption, rescaleOption, runFolder, trusting, trustOption } from "./recorded-run";

interface ReportFlags {
  out?: string;
  trust: boolean;
  rescale?: RescaleMode;
  experiments: boolean;
  pixels_per_degree?: number;
}

/** `gradbook report runs/NAME`: one page about a run. */
export function reportCommand(): Command {
  return new Command("report")
    .description("write one HTML page about a run: curves, scores, what the model learned")
    .argument("<run>", "the run's folder, or its name in runs/ or checkpoints/")
    .option("--out <page>", "the path of the page (default: report.html in the run's folder)")
    .addOption(trustOption())
    .addOption(rescaleOption())
    .option(
      "--experiments",
      "also measure tuning, receptive fields and most exciting inputs of the twin",
      false,
    )
    .addOption(pixelsPerDegreeOption())
    .action(async (given: string, flags: ReportFlags) => {
      const { out, trust, rescale, experiments, pixels_per_degree: pixelsPerDegree } = flags;
      const folder = runFolder(given);
      const onProgress = (doing: string) => console.error(`${doing} ...`);
      console.log(
        await writeReport(folder, {
          ...(out === undefined ? {} : { out }),
          ...(rescale === undefined ? {} : { rescale }),
          ...(pixelsPerDegree === undefined ? {} : { pixelsPerDegree }),
          trust,
          experiments,
          onProgress,
        }),
      );
    });
}

interface CompareFlags {
  out: string;
  json?: true;
  experiments: boolean;
  steps: number;
  pixels_per_degree?: number;
  trust: boolean;
}

/** `gradbook compare runs/*`: several runs on one page. */
export function compareCommand(): Command {
  return new Command("compare")
    .description("draw the curves of several runs on one page, and list how their configurations differ")
    .argument("<runs...>", "the runs' folders, or their names in runs/; folders without a run are left out")
    .option("--out <page>", "the path of the page", "compare.html")
    .option("--json", "print scores and differences as JSON")
    .option(
      "--experiments",
      "also compare the twins' units: tuning, most exciting inputs, and responses to each other's inputs",
      false,
    )
    .option("--steps <n>", "the number of steps of gradient ascent for the inputs", positive, 150)
    .addOption(pixelsPerDegreeOption())
    .addOption(trustOption())
    .action(compare);
}

async function compare(
  given: string[],
  { out, json, experiments, steps, trust, pixels_per_degree: pixelsPerDegree }: CompareFlags,
): Promise<void> {
  const found = given.map((name) => (existsSync(name) ? name : join("runs", name)));
  // runs/* also matches files, such as a batch's summary.csv.
  const folders = found.filter((path) => !existsSync(path) || statSync(path).isDirectory());
  const comparison = compareRuns(folders);
  const { runs, scores, differences, leftOut } = comparison;
  for (const folder of leftOut) console.error(`${folder} holds no run: left out`);
  if (experiments) console.error("experimenting on the twins ...");
  const how = { steps, ...trusting(trust), ...(pixelsPerDegree === undefined ? {} : { pixelsPerDegree }) };
  const twins = experiments ? await compareTwins(runs, how) : undefined;
  writeComparison(comparison, out, twins);
  for (const note of twins?.notes ?? []) console.error(note);
  const units = twins?.units?.table();
  const tables = [scores, differences, ...(units ? [units] : [])];
  const asJson = {
    page: out,
    left_out: leftOut,
    scores: scores.rows,
    differences: differences.rows,
    ...(twins ? { units: units?.rows ?? [], notes: twins.notes } : {}),
  };
  console.log(json ? JSON.stringify(asJson, null, 2) : `${tables.join("\n\n")}\n\npage  ${out}`);
}
