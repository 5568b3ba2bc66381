import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { writeReport } from "../report/report";

/** `gradbook report runs/NAME`: one page about a run. */
export function reportCommand(): Command {
  return new Command("report")
    .description("write one HTML page about a run: curves, scores, what the model learned")
    .argument("<run>", "the run's folder, or its name in runs/")
    .option("--out <page>", "where the page goes (default: report.html in the run's folder)")
    .option(
      "--trust",
      "run the components of one's own that the run's configuration names; their paths are printed",
      false,
    )
    .action(async (given: string, { out, trust }: { out?: string; trust: boolean }) => {
      const folder = existsSync(given) ? given : join("runs", given);
      const onProgress = (doing: string) => console.error(`${doing} ...`);
      console.log(await writeReport(folder, { ...(out === undefined ? {} : { out }), trust, onProgress }));
    });
}
