import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { makeFolder } from "../base/files/folder";
import { sensoriumSubmission } from "../evaluation/submission";
import { withTwin } from "./evaluate";
import { runFolder, trustOption } from "./recorded-run";

/** `gradbook submission RUN`: writes the predictions that the Sensorium competitions ask for. */
export function submissionCommand(): Command {
  return new Command("submission")
    .description(
      "predict the withheld tiers of Sensorium recordings, as CSV files for a submission (docs/static-images.md)",
    )
    .argument("<run>", "the run's folder, or its name in runs/ or checkpoints/")
    .option("--out <folder>", "the folder for the files (default: submission in the run's folder)")
    .addOption(trustOption())
    .action(async (given: string, { out, trust }: { out?: string; trust: boolean }) => {
      const run = runFolder(given);
      const folder = out ?? join(run, "submission");
      await withTwin(run, trust, async (twin) => {
        const files = await sensoriumSubmission(twin);
        makeFolder(folder);
        for (const { name, text, tier, trials } of files) {
          writeFileSync(join(folder, name), text);
          console.log(`${join(folder, name)}: ${trials} trials of ${tier}`);
        }
      });
    });
}
