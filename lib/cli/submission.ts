import { join } from "node:path";
import { Command } from "commander";
import { writeSubmission } from "../evaluation/submission";
import { withTwin } from "./evaluate";
import { runFolder, trustOption } from "./recorded-run";

/** `gradbook submission RUN`: writes the predictions that the Sensorium competitions ask for. */
export function submissionCommand(): Command {
  return new Command("submission")
    .description(
      "predict the withheld tiers of Sensorium recordings, as CSV (2022) or Parquet files (2023) for a submission (docs/static-images.md)",
    )
    .argument("<run>", "the run's folder, or its name in runs/ or checkpoints/")
    .option("--out <folder>", "the folder for the files (default: submission in the run's folder)")
    .addOption(trustOption())
    .action(async (given: string, { out, trust }: { out?: string; trust: boolean }) => {
      const run = runFolder(given);
      await withTwin(run, trust, async (twin) => {
        for (const { path, tier, trials } of await writeSubmission(twin, out ?? join(run, "submission")))
          console.log(`${path}: ${trials} trials of ${tier}`);
      });
    });
}
