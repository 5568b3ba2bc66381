import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { compareRuns, writeComparison } from "../evaluation/report/compare";
import { writeReport } from "../evaluation/report/report";
import type { RescaleMode } from "../metrics/rescale";
import { rescaleOption, runFolder, trustOption } from "./recorded-run";

interface ReportFlags {
  out?: string;
  trust: boolean;
  rescale?: RescaleMode;
  experiments: boolean;
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
    .action(async (given: string, { out, trust, rescale, experiments }: ReportFlags) => {
      const folder = runFolder(given);
      const onProgress = (doing: string) => console.error(`${doing} ...`);
      console.log(
        await writeReport(folder, {
          ...(out === undefined ? {} : { out }),
          ...(rescale === undefined ? {} : { rescale }),
          trust,
          experiments,
          onProgress,
        }),
      );
    });
}

/** `gradbook compare runs/*`: several runs on one page. */
export function compareCommand(): Command {
  return new Command("compare")
    .description("draw the curves of several runs on one page, and list how their configurations differ")
    .argument("<runs...>", "the runs' folders, or their names in runs/; folders without a run are left out")
    .option("--out <page>", "the path of the page", "compare.html")
    .option("--json", "print scores and differences as JSON")
    .action((given: string[], { out, json }: { out: string; json?: true }) => {
      const found = given.map((name) => (existsSync(name) ? name : join("runs", name)));
      // runs/* also matches files, such as a batch's summary.csv.
      const folders = found.filter((path) => !existsSync(path) || statSync(path).isDirectory());
      const comparison = compareRuns(folders);
      writeComparison(comparison, out);
      const { scores, differences, leftOut } = comparison;
      for (const folder of leftOut) console.error(`${folder} holds no run: left out`);
      console.log(
        json
          ? JSON.stringify(
              { page: out, left_out: leftOut, scores: scores.rows, differences: differences.rows },
              null,
              2,
            )
          : `${scores}\n\n${differences}\n\npage  ${out}`,
      );
    });
}
