import { Command, Option } from "commander";
import { isFolder, makeFolderOf } from "../base/files/folder";
import { bestCheckpoint } from "../trainer/checkpoint/scan";
import { exportLightning } from "../twin/export-lightning";

interface Options {
  readonly out: string;
  readonly dataset_configs_path?: string;
}

/** `gradbook export`: writes a run's model as a checkpoint of PyTorch Lightning. */
export function exportCommand(): Command {
  return new Command("export")
    .description("write a model as a checkpoint that the PyTorch Lightning package loads")
    .argument("<run>", "the folder of a run, whose best checkpoint is taken, or a checkpoint")
    .addOption(new Option("--to <format>", "the format").choices(["lightning"]).default("lightning"))
    .option("--out <file>", "the checkpoint to write", "model.ckpt")
    .option(
      "--dataset_configs_path <file>",
      "the sessions' YAML file that the package is to open (default: configs/sessions.yaml)",
    )
    .action((run: string, { out, dataset_configs_path: sessionsFile }: Options) => {
      const checkpoint = isFolder(run) ? bestCheckpoint(run).path : run;
      makeFolderOf(out);
      const { weights, optimizer, notes } = exportLightning({
        checkpoint,
        out,
        ...(sessionsFile ? { sessionsFile } : {}),
      });
      console.log(`${weights.length} weights of ${checkpoint} written to ${out}`);
      console.log(
        typeof optimizer === "number"
          ? `optimizer: the state of ${optimizer} parameters`
          : `optimizer: no state was written (${optimizer})`,
      );
      for (const note of notes) console.warn(note);
    });
}
