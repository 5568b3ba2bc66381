import { Command } from "commander";
import { packageVersion } from "../base/files/package";

/** The commands by name, in the order of `--help`. Each is a function that loads it, because to import all of them takes a second. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init.js")).initCommand(),
  start: async () => (await import("./start.js")).startCommand(),
  setup: async () => (await import("./start.js")).setupCommand(),
  check: async () => (await import("./check.js")).checkCommand(),
  train: async () => (await import("./train/command.js")).trainCommand(),
  "train-all": async () => (await import("./train-all.js")).trainAllCommand(),
  "train-frozencore": async () => (await import("./train/frozen-core.js")).trainFrozenCoreCommand(),
  run: async () => (await import("./run.js")).runCommand(),
  search: async () => (await import("./search.js")).searchCommand(),
  compare: async () => (await import("./report.js")).compareCommand(),
  notebook: async () => (await import("./notebook.js")).notebookCommand(),
  list: async () => (await import("./list.js")).listCommand(),
  evaluate: async () => (await import("./evaluate.js")).evaluateCommand(),
  submission: async () => (await import("./submission.js")).submissionCommand(),
  report: async () => (await import("./report.js")).reportCommand(),
  predict: async () => (await import("./predict.js")).predictCommand(),
  tuning: async () => (await import("./experiments/tuning.js")).tuningCommand(),
  fields: async () => (await import("./experiments/fields.js")).fieldsCommand(),
  inputs: async () => (await import("./experiments/inputs.js")).inputsCommand(),
  attribution: async () => (await import("./experiments/explain.js")).attributionCommand(),
  ablation: async () => (await import("./experiments/explain.js")).ablationCommand(),
  simulate: async () => (await import("./simulate.js")).simulateCommand(),
  inspect: async () => (await import("./inspect.js")).inspectCommand(),
  convert: async () => (await import("./convert.js")).convertCommand(),
  lab: async () => (await import("./notebook.js")).labCommand(),
  install: async () => (await import("./install.js")).installCommand(),
  uninstall: async () => (await import("./install.js")).uninstallCommand(),
  "import-torch": async () => (await import("./import-torch.js")).importTorchCommand(),
  export: async () => (await import("./export.js")).exportCommand(),
  doctor: async () => (await import("./doctor.js")).doctorCommand(),
  completion: async () => (await import("./completion.js")).completionCommand(gradbookProgram),
};

const VERSION = ["-V", "--version"];

/** Returns `gradbook` with the command that the first argument names; with all commands if it names none. */
export async function gradbookProgram(first = ""): Promise<Command> {
  const program = new Command("gradbook")
    .description("training in TypeScript: digital twins of visual cortex")
    .version(packageVersion(), VERSION.join(", "), "print gradbook's version");
  if (VERSION.includes(first)) return program;
  const loads = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
  for (const command of await Promise.all(loads.map((load) => load()))) program.addCommand(command);
  return program;
}
