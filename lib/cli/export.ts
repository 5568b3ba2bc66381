import { Command, Option } from "commander";
import { ConfigError } from "../base/config";
import { EXPORTERS } from "../export/exporters";
import { checkpointOf } from "../twin/load-twin";
import { trusting, trustOption, twinPath } from "./recorded-run";

interface Flags {
  readonly to: string;
  readonly out?: string;
  readonly dataset_configs_path?: string;
  readonly trust: boolean;
}

/** `gradbook export RUN --to FORMAT`: writes a trained model for another program. */
export function exportCommand(): Command {
  return new Command("export")
    .description("write a trained model for another program; it needs no recordings")
    .argument("<run>", "the run's folder, its name in runs/ or checkpoints/, or a checkpoint")
    .addOption(
      new Option("--to <format>", "the format, see below")
        .choices(Object.keys(EXPORTERS))
        .default("lightning"),
    )
    .option("--out <path>", "the file or the folder to write (default: see below)")
    .option(
      "--dataset_configs_path <file>",
      "with --to lightning: the sessions' YAML file that the package is to open (default: configs/sessions.yaml)",
    )
    .addOption(trustOption())
    .addHelpText("after", formats)
    .action(exportRun);
}

/** Describes the formats. */
function formats(): string {
  const rows = Object.entries(EXPORTERS).map(
    ([name, { description, out }]) => `  ${name.padEnd(12)} ${description} (default --out: ${out})`,
  );
  return `\nFormats:\n${rows.join("\n")}`;
}

async function exportRun(run: string, { to, out, dataset_configs_path, trust }: Flags): Promise<void> {
  if (dataset_configs_path && to !== "lightning") {
    const message = `is read only with --to lightning, but --to is ${to}; leave it out`;
    throw new ConfigError("gradbook export", [{ path: "--dataset_configs_path", message }]);
  }
  const exporter = EXPORTERS[to]!;
  const { written, notes = [] } = await exporter.write({
    checkpoint: checkpointOf(twinPath(run)),
    out: out ?? exporter.out,
    ...(dataset_configs_path ? { sessionsFile: dataset_configs_path } : {}),
    ...trusting(trust),
  });
  for (const line of written) console.log(line);
  for (const note of notes) console.warn(note);
}
