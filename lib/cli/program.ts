import { Command } from "commander";
import { checkCommand } from "./check";
import { completionCommand } from "./completion";
import { convertCommand } from "./convert";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate";
import { ablationCommand, attributionCommand } from "./experiments/explain";
import { fieldsCommand } from "./experiments/fields";
import { inputsCommand } from "./experiments/inputs";
import { tuningCommand } from "./experiments/tuning";
import { exportCommand } from "./export";
import { importTorchCommand } from "./import-torch";
import { initCommand } from "./init";
import { inspectCommand } from "./inspect";
import { installCommand, uninstallCommand } from "./install";
import { listCommand } from "./list";
import { labCommand, notebookCommand } from "./notebook";
import { predictCommand } from "./predict";
import { compareCommand, reportCommand } from "./report";
import { runCommand } from "./run";
import { searchCommand } from "./search";
import { packageVersion } from "./setup";
import { simulateCommand } from "./simulate";
import { setupCommand, startCommand } from "./start";
import { submissionCommand } from "./submission";
import { trainCommand } from "./train/command";
import { trainFrozenCoreCommand } from "./train/frozen-core";
import { trainAllCommand } from "./train-all";

/** `gradbook` with all of its commands. */
export function gradbookProgram(): Command {
  return new Command("gradbook")
    .description("training in TypeScript: digital twins of visual cortex")
    .version(packageVersion(), "-V, --version", "print gradbook's version")
    .addCommand(initCommand())
    .addCommand(startCommand())
    .addCommand(setupCommand())
    .addCommand(checkCommand())
    .addCommand(trainCommand())
    .addCommand(trainAllCommand())
    .addCommand(trainFrozenCoreCommand())
    .addCommand(runCommand())
    .addCommand(searchCommand())
    .addCommand(compareCommand())
    .addCommand(notebookCommand())
    .addCommand(listCommand())
    .addCommand(evaluateCommand())
    .addCommand(submissionCommand())
    .addCommand(reportCommand())
    .addCommand(predictCommand())
    .addCommand(tuningCommand())
    .addCommand(fieldsCommand())
    .addCommand(inputsCommand())
    .addCommand(attributionCommand())
    .addCommand(ablationCommand())
    .addCommand(simulateCommand())
    .addCommand(inspectCommand())
    .addCommand(convertCommand())
    .addCommand(labCommand())
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addCommand(importTorchCommand())
    .addCommand(exportCommand())
    .addCommand(doctorCommand())
    .addCommand(completionCommand());
}
