import { existsSync, statSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { Command, Option } from "commander";
import { ConfigError } from "../base/config";
import { compareRuns, writeComparison } from "../evaluation/report/compare";
import { isRun, runsIn } from "../evaluation/report/open-run";
import { writeReport } from "../evaluation/report/report";
import { RESCALE_MODES, type RescaleMode } from "../metrics/rescale";

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
    .option(
      "--trust",
      "run the custom components that the run's configuration names, and print their paths",
      false,
    )
    .addOption(
      new Option(
        "--rescale <mode>",
        "also score rates whose gain, or gain and offset (affine), are fitted for each unit or for all units of a session (global)",
      ).choices(RESCALE_MODES),
    )
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

/** The default folders of runs: those of the library and of `gradbook train`. */
const PLACES = ["runs", "checkpoints"];

/**
 * Returns the folder of a run that is given by its path or its name; `first` and `runs/first` are searched in both
 * folders.
 *
 * @throws ConfigError that lists the runs in both places
 */
export function runFolder(given: string): string {
  const [place, ...rest] = normalize(given).split(sep);
  const name = PLACES.includes(place!) && rest.length > 0 ? join(...rest) : given;
  const candidates = [given, ...(isAbsolute(given) ? [] : PLACES.map((each) => join(each, name)))];
  const found = candidates.find(isRun);
  if (found !== undefined) return found;
  // A folder that holds no run gets a separate error, which lists the runs beside it.
  if (existsSync(given)) return given;
  const runs = PLACES.flatMap((each) => runsIn(each).map((run) => join(each, run)));
  const there = runs.length > 0 ? `available: ${runs.join(", ")}` : "none were found";
  const message = `no run in ${[...new Set(candidates.map(normalize))].join(", ")}; ${there}`;
  throw new ConfigError("gradbook report", [{ path: given, message }]);
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
