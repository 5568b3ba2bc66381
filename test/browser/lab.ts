import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { jupyterEnvironment, venvPython } from "../../lib/setup";

const PROJECT = resolve(".");

/** A copy of the project to run notebooks in: its own notebooks and runs, the same recordings. */
function copyOfProject(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "runs"), { recursive: true });
  cpSync("notebooks", join(folder, "notebooks"), { recursive: true });
  for (const name of ["configs", "sessions", "node_modules", "tsconfig.json"])
    symlinkSync(resolve(name), join(folder, name));
}

/** Where Jupyter finds the kernel of this build, under the name that notebooks ask for. */
function kernelspec(folder: string): string {
  const place = join(folder, "jupyter", "kernels", "tslab");
  mkdirSync(place, { recursive: true });
  const spec = {
    argv: [process.execPath, join(PROJECT, "dist", "kernel", "main.js"), "{connection_file}"],
    display_name: "TypeScript (gradbook)",
    language: "typescript",
    interrupt_mode: "message",
  };
  writeFileSync(join(place, "kernel.json"), JSON.stringify(spec));
  return join(folder, "jupyter");
}

export interface Lab {
  /** JupyterLab's page for a file of the project's copy. */
  url(file: string): string;
  close(): Promise<void>;
}

/** Starts JupyterLab in a copy of the project. */
export async function startLab(folder: string): Promise<Lab> {
  copyOfProject(folder);
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
      env: { ...jupyterEnvironment(PROJECT), JUPYTER_PATH: kernelspec(folder) },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const said: string[] = [];
  for await (const line of createInterface(server.stderr!)) {
    said.push(line);
    const address = /(http:\/\/(?:localhost|127\.0\.0\.1):\d+)\/lab/.exec(line)?.[1];
    if (!address) continue;
    server.stderr!.resume();
    return {
      url: (file) => `${address}/doc/tree/${file}?reset`,
      async close() {
        server.kill("SIGTERM");
        await once(server, "exit");
      },
    };
  }
  throw new Error(`JupyterLab did not start:\n${said.join("\n")}`);
}
