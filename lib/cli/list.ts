import { relative } from "node:path";
import { Command } from "commander";
import { Table } from "../base/jupyter/table";
import {
  chosenCheckpoint,
  modelTypesOf,
  ofModelType,
  type ScannedCheckpoint,
  scanCheckpoints,
} from "../trainer/checkpoint/scan";

interface Options {
  model_type?: string;
  best?: true;
  json?: true;
}

/** `gradbook list`: the checkpoints of a folder of runs, the best first. */
export function listCommand(): Command {
  return new Command("list")
    .description("list the checkpoints of a folder of runs by kind of model, the best first")
    .argument("<folder>", "a folder that holds runs of gradbook, or experiments of PyTorch Lightning")
    .option("--model_type <type>", "only models of this kind, such as resnet_none_convgru")
    .option("--best", "print only the path of the best checkpoint, for scripts")
    .option("--json", "print the list as JSON")
    .action((folder: string, { model_type, best, json }: Options) => {
      const all = scanCheckpoints(folder);
      const found = ofModelType(all, model_type);
      if (json && !best) return console.log(JSON.stringify(found, null, 2));
      // A folder without checkpoints is an error.
      const first = chosenCheckpoint(folder, all, model_type);
      console.log(best ? first.path : String(new Table(rowsOf(folder, found))));
    });
}

/** One row for each checkpoint, grouped by kind; the kinds stand in the order of their best checkpoints. */
function rowsOf(folder: string, found: readonly ScannedCheckpoint[]) {
  const hasCorrelation = found.some(({ valCorr }) => valCorr !== undefined);
  return modelTypesOf(found).flatMap((type) =>
    found
      .filter(({ modelType }) => modelType === type)
      .map(({ path, epoch, valBps, valCorr, valLoss }) => ({
        model: type,
        val_bps: valBps?.toFixed(4) ?? "",
        ...(hasCorrelation ? { val_corr: valCorr?.toFixed(4) ?? "" } : {}),
        val_loss: valLoss?.toFixed(4) ?? "",
        epoch: String(epoch ?? ""),
        checkpoint: relative(folder, path),
      })),
  );
}
