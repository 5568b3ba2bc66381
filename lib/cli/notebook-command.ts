import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { Command } from "commander";
import { ConfigError, notOneOf } from "../base/config";
import { runNotebook } from "./notebook";
import { defaultProject, setUp, setupSteps } from "./setup";

/** `gradbook notebook NAME`: runs the set-up, then one of the project's notebooks. */
export function notebookCommand(): Command {
  return new Command("notebook")
    .description("run a notebook from notebooks/ with its Jupyter kernel, and write it as a page")
    .argument("<name>", "the notebook's name, such as 03-own-components")
    .action(async (given: string) => {
      const project = defaultProject();
      const name = basename(given, ".ipynb");
      const folder = join(project, "notebooks");
      if (!existsSync(join(folder, `${name}.ipynb`)))
        throw new ConfigError("gradbook notebook", [
          { path: "", message: notOneOf(name, notebooksIn(folder)) },
        ]);
      await setUp(setupSteps(project));
      const { notebook, page } = await runNotebook(project, name, join(project, "runs", "notebooks"));
      const shown = (path: string) => relative(process.cwd(), path) || path;
      console.log(`notebook        ${shown(notebook)}\npage            ${shown(page)}`);
    });
}

function notebooksIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ipynb"))
    .map((file) => basename(file, ".ipynb"));
}
