#!/usr/bin/env node
import { Command } from "commander";
import { modelTypesOf, ofModelType, scanCheckpoints } from "../../trainer/checkpoint/scan";
import { report } from "../report-error";

/** The program `find_pretrained_checkpoint.py` of the Lightning package: prints the best checkpoint of a kind of model. */
const program = new Command("find_pretrained_checkpoint.py")
  .description(
    "print the best checkpoint of a kind of model, as the Lightning package's script does; see also gradbook list",
  )
  .option("--model_type <type>", "the kind of model", "learned_res_small")
  .requiredOption("--checkpoint_dir <folder>", "the folder that holds the experiments")
  .option("--list_all", "list the kinds of models")
  .action(({ model_type, checkpoint_dir, list_all }: Record<string, string>) => {
    const all = scanCheckpoints(checkpoint_dir!);
    const types = modelTypesOf(all);
    if (list_all) {
      console.log(`Found ${types.length} model types:`);
      for (const type of types)
        console.log(`  ${type}: ${all.filter((each) => each.modelType === type).length} models`);
      return;
    }
    const [best] = ofModelType(all, model_type);
    if (!best) {
      console.log(`Model type '${model_type}' not found!\nAvailable types: ${types.join(", ")}`);
      return;
    }
    const { path, valBps, valLoss, epoch, experiment } = best;
    console.log(`Best ${model_type} checkpoint:\n  Path: ${path}`);
    console.log(
      valBps === undefined ? `  Validation Loss: ${valLoss}` : `  Validation BPS: ${valBps.toFixed(4)}`,
    );
    console.log(`  Epoch: ${epoch}\n  Experiment: ${experiment}`);
  });

try {
  program.parse();
} catch (error) {
  process.exitCode = report(error);
}
