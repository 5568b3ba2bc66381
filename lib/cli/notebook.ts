import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { Command } from "commander";
import { ConfigError, notOneOf } from "../base/config";
import { fromJson } from "../base/files/atomic";
import { makeFolder } from "../base/files/folder";
import { exportHtml } from "./html";
import { NotebookError } from "./report-error";
import {
  defaultProject,
  jupyterEnvironment,
  Progress,
  packageRoot,
  runChild,
  SetupError,
  setUp,
  setupSteps,
  venvPython,
} from "./setup";

interface NotebookEvent {
  cell?: number;
  of?: number;
  line?: string;
  error?: { cell: number; source: string; text: string };
}

/**
 * Runs a notebook through its kernel and leaves the executed notebook and a self-contained page.
 *
 * @param name without `.ipynb`, in `notebooks/`
 * @param into the folder for both files, each replaced as a whole
 * @returns the paths of both
 * @throws NotebookError that quotes the failing cell; the executed notebook is kept for inspection
 */
export async function runNotebook(
  project: string,
  name: string,
  into: string,
  progress = new Progress(),
): Promise<{ notebook: string; page: string }> {
  makeFolder(into);
  const [notebook, page] = [join(into, `${name}.ipynb`), join(into, `${name}.html`)];
  const beside = `${notebook}.${process.pid}.tmp`;
  let failed: NotebookEvent["error"];
  // Removes the page of an earlier run, which would not show this run.
  rmSync(page, { force: true });
  progress.begin(`notebooks/${name}.ipynb`);
  let place = "";
  const onLine = (line: string) => {
    const event = fromJson<NotebookEvent>(line);
    if (event?.cell) {
      place = `cell ${event.cell} of ${event.of}`;
      progress.note(place);
    }
    if (event?.line) progress.now(event.line, place);
    failed ??= event?.error;
  };
  try {
    const script = join(packageRoot(), "kernel", "run_notebook.py");
    const source = join(project, "notebooks", `${name}.ipynb`);
    const { code, output } = await runChild(venvPython(project), [script, source, beside], {
      env: jupyterEnvironment(project),
      onLine,
    });
    if (code !== 0 && !failed)
      throw new SetupError(`Jupyter could not run ${source}: ${output.split("\n").at(-1)}`);
    renameSync(beside, notebook);
    if (failed) throw new NotebookError(describe(name, failed, notebook));
    progress.now("page");
    await exportHtml(project, notebook, page);
  } catch (error) {
    progress.fail();
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
  progress.done();
  return { notebook, page };
}

function describe(
  name: string,
  { cell, source, text }: NonNullable<NotebookEvent["error"]>,
  notebook: string,
): string {
  const quoted = source.split("\n").map((line) => `    ${line}`);
  return [
    `notebooks/${name}.ipynb stopped at code cell ${cell}:`,
    ...quoted,
    text,
    `The notebook so far: ${notebook}`,
  ].join("\n");
}

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

/** `gradbook lab`: starts JupyterLab from the project's `.venv`, with its registered kernel. */
export function labCommand(): Command {
  return new Command("lab")
    .description("open JupyterLab in this project; further arguments are JupyterLab's own")
    .argument("[arguments...]")
    .allowUnknownOption()
    .action(async (args: string[]) => {
      const project = defaultProject();
      await setUp(setupSteps(project));
      const child = spawn(venvPython(project), ["-m", "jupyterlab", ...args], {
        cwd: project,
        env: jupyterEnvironment(project),
        stdio: "inherit",
      });
      const [code] = await once(child, "exit");
      process.exitCode = code ?? 130;
    });
}
