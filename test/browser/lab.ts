import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { jupyterEnvironment, venvPython } from "../../lib/cli/setup";

const PROJECT = resolve(".");
/** How long JupyterLab may take, in milliseconds. */
const START = 120_000;
const STOP = 15_000;

/** A copy of the project to run notebooks in: its own notebooks and runs, the same recordings. */
export function copyOfProject(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "runs"), { recursive: true });
  cpSync("notebooks", join(folder, "notebooks"), { recursive: true });
  for (const name of ["configs", "sessions", "node_modules", "tsconfig.json"])
    symlinkSync(resolve(name), join(folder, name));
}

/** Returns a notebook of code cells as the text of its file. */
export const notebookOf = (cells: readonly string[]): string =>
  JSON.stringify({
    cells: cells.map((source, id) => ({
      cell_type: "code",
      id: `${id}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
    metadata: {
      kernelspec: { name: "gradbook", language: "typescript", display_name: "TypeScript (gradbook)" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  });

/** A user's settings of JupyterLab, who has answered its question about news: the rest is as it comes. */
function settings(folder: string): string {
  const place = join(folder, "jupyter", "settings", "@jupyterlab", "apputils-extension");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "notification.jupyterlab-settings"), JSON.stringify({ fetchNews: "false" }));
  return join(folder, "jupyter", "settings");
}

export interface Lab {
  /** JupyterLab's page for a file of the project's copy. */
  url(file: string): string;
  close(): Promise<void>;
}

/** Starts JupyterLab in a folder. */
export async function startLab(folder: string): Promise<Lab> {
  const server: ChildProcess = spawn(
    venvPython(PROJECT),
    [
      "-m",
      "jupyterlab",
      "--no-browser",
      "--allow-root",
      "--port=0",
      "--IdentityProvider.token=",
      "--ServerApp.disable_check_xsrf=True",
      "--LabApp.news_url=None",
      "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ],
    {
      cwd: folder,
      env: {
        ...jupyterEnvironment(PROJECT),
        // Of a new user: what the machine's user has set up stays out of it, and untouched.
        JUPYTER_CONFIG_DIR: join(folder, "jupyter"),
        JUPYTER_DATA_DIR: join(folder, "jupyter"),
        JUPYTER_RUNTIME_DIR: join(folder, "jupyter", "runtime"),
        JUPYTERLAB_SETTINGS_DIR: settings(folder),
        JUPYTERLAB_WORKSPACES_DIR: join(folder, "jupyter", "workspaces"),
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const said: string[] = [];
  const tooLong = setTimeout(() => server.kill("SIGKILL"), START);
  for await (const line of createInterface(server.stderr!)) {
    said.push(line);
    const address = /(http:\/\/(?:localhost|127\.0\.0\.1):\d+)\/lab/.exec(line)?.[1];
    if (!address) continue;
    clearTimeout(tooLong);
    server.stderr!.resume();
    return {
      url: (file) => `${address}/doc/tree/${file}?reset`,
      async close() {
        const gone = once(server, "exit");
        server.kill("SIGTERM");
        const tooLong = setTimeout(() => server.kill("SIGKILL"), STOP);
        await gone;
        clearTimeout(tooLong);
      },
    };
  }
  throw new Error(`JupyterLab did not start within ${START / 1000} s:\n${said.join("\n")}`);
}
