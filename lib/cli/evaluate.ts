import { join } from "node:path";
import { Command } from "commander";
import { ConfigError } from "../base/config";
import { writeAtomically } from "../base/files/atomic";
import { makeFolderOf } from "../base/files/folder";
import { evaluate } from "../evaluation/evaluate";
import { openRun } from "../evaluation/report/open-run";
import { rebuildTwin } from "../evaluation/report/rebuild";
import type { RescaleMode } from "../metrics/rescale";
import type { TwinModule } from "../twin/twin-module";
import { rescaleOption, runFolder, trusting, trustOption } from "./recorded-run";

interface EvaluateFlags {
  split: string;
  out?: string;
  json?: true;
  trust: boolean;
  rescale?: RescaleMode;
}

/** `gradbook evaluate RUN`: scores a run's best checkpoint on a part of its sessions. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description(
      "score a run's best checkpoint on held-out trials: a table, and a CSV file with each unit's scores",
    )
    .argument("<run>", "the run's folder, or its name in runs/ or checkpoints/")
    .option(
      "--split <name>",
      "the trials to score: train, validation, or a tier of held-out trials, such as test",
      "test",
    )
    .option("--out <file>", "the path of the CSV file (default: scores-SPLIT.csv in the run's folder)")
    .option("--json", "print each unit's scores as JSON")
    .addOption(trustOption())
    .addOption(rescaleOption())
    .action(evaluateRun);
}

async function evaluateRun(
  given: string,
  { split, out, json, trust, rescale }: EvaluateFlags,
): Promise<void> {
  const folder = runFolder(given);
  const path = out ?? join(folder, `scores-${split}.csv`);
  makeFolderOf(path);
  await withTwin(folder, trust, async (twin) => {
    const scores = await evaluate(twin, { split, triggeredFrames: 0, ...(rescale ? { rescale } : {}) });
    for (const { text } of scores.notes) console.error(text);
    writeAtomically(path, [scores.csv()]);
    console.log(
      json
        ? JSON.stringify({ split, scores: scores.metrics(), units: scores.units, csv: path }, null, 2)
        : `${scores.table()}\n\nscores of each unit: ${path}`,
    );
  });
}

/**
 * Calls a function with the twin of a run's best checkpoint, and disposes the twin afterwards.
 *
 * @throws ConfigError when the run has no twin, or its recordings are missing
 */
export async function withTwin(
  folder: string,
  trust: boolean,
  use: (twin: TwinModule) => Promise<void>,
): Promise<void> {
  const fail = (message: string) => new ConfigError(folder, [{ path: "", message }]);
  const rebuilt = await rebuildTwin(openRun(folder), trusting(trust));
  if (!rebuilt) throw fail("holds no digital twin with a checkpoint, so there is nothing to evaluate");
  const { twin, model, missing } = rebuilt;
  if (!twin) {
    model.dispose();
    throw fail(`its recordings are not here: ${missing.join(", ")}`);
  }
  try {
    await use(twin);
  } finally {
    twin.dispose();
  }
}
