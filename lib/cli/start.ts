import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { runNotebook } from "./notebook";
import { defaultProject, packageRoot, SetupError, setUp, setupSteps } from "./setup";

const QUICKSTART = "01-quickstart";

/** `gradbook setup`: installs what `start` and the tests need. */
export function setupCommand(): Command {
  return new Command("setup")
    .description(
      "set up what is missing: dist/, .venv with TensorFlow and Jupyter, the kernel, demo sessions",
    )
    .action(async () => {
      const project = defaultProject();
      await setUp(setupSteps(project));
      const start = project === packageRoot() ? "`npm start`" : "`npx gradbook start`";
      const next = existsSync(join(project, "notebooks", `${QUICKSTART}.ipynb`))
        ? `${start} runs the quick start`
        : "`npx gradbook init` writes configurations and a first notebook";
      console.log(`set up: ${next}, \`npx gradbook lab\` opens JupyterLab`);
    });
}

/** `gradbook start`: runs the set-up, then the quick-start notebook. */
export function startCommand(): Command {
  return new Command("start")
    .description("set up what is missing and run the quick-start notebook")
    .action(async () => {
      const project = defaultProject();
      const file = join("notebooks", `${QUICKSTART}.ipynb`);
      if (!existsSync(join(project, file)))
        throw new SetupError(
          `there is no ${file} in ${project}: run \`npx gradbook init\`, then repeat the command.`,
        );
      await setUp(setupSteps(project));
      const folder = join(project, "runs", "quickstart");
      // Removes the results of an earlier run, which must never be shown as those of this run.
      rmSync(join(folder, "results.json"), { force: true });
      const began = Date.now();
      process.once("exit", (code) => {
        if (code === INTERRUPTED && isSaved(folder, began)) console.log(GO_ON);
      });
      const { notebook, page } = await runNotebook(project, QUICKSTART, folder);
      console.log(
        ["", ...results(join(folder, "results.json")), ...paths(project, { notebook, page })].join("\n"),
      );
    });
}

/** The exit code after Ctrl-C. */
const INTERRUPTED = 130;

const GO_ON = `
The training so far is saved in runs/quickstart. \`npm start\` starts over; to continue instead, write \`resume: "auto"\`
in place of \`overwrite: true\` in notebooks/${QUICKSTART}.ipynb first.`;

/** Whether a checkpoint was written since a time, in milliseconds since 1970. */
function isSaved(folder: string, since: number): boolean {
  const checkpoints = join(folder, "checkpoints");
  if (!existsSync(checkpoints)) return false;
  const names = readdirSync(checkpoints).filter((name) => name.endsWith(".safetensors"));
  return names.some((name) => statSync(join(checkpoints, name)).mtimeMs >= since);
}

/** Returns the results that the notebook wrote at its end. */
function results(file: string): string[] {
  if (!existsSync(file)) return [];
  const { val_bps_overall, best_bps, share } = JSON.parse(readFileSync(file, "utf8"));
  return [
    `validation      ${val_bps_overall.toFixed(3)} bits per spike`,
    `best possible   ${best_bps.toFixed(3)} bits per spike: the model has ${(100 * share).toFixed(0)} % of it`,
  ];
}

function paths(project: string, { notebook, page }: { notebook: string; page: string }): string[] {
  const shown = (path: string) => relative(process.cwd(), path) || relative(project, path);
  return [
    `notebook        ${shown(notebook)}`,
    `page            ${shown(page)}`,
    `run             ${shown(join(project, "runs", "quickstart"))}`,
  ];
}
