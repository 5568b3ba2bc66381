import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../base/files/folder";
import { fromJson } from "../base/files/json";
import { exportHtml } from "./html";
import { jupyterEnvironment, Progress, packageRoot, runChild, SetupError, venvPython } from "./setup";

interface NotebookEvent {
  cell?: number;
  of?: number;
  line?: string;
  error?: { cell: number; source: string; text: string };
}

/** The error of a cell that failed. The message quotes the cell. */
export class NotebookError extends Error {
  override readonly name = "NotebookError";
}

/**
 * Runs a notebook through its kernel and leaves the executed notebook and a self-contained page.
 *
 * @param name without `.ipynb`, in `notebooks/`
 * @param into the folder for both files, each replaced as a whole
 * @returns the paths of both
 * @throws NotebookError that quotes the failing cell; the executed notebook is left for a look
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
  // A page of an earlier run would not show this run.
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
