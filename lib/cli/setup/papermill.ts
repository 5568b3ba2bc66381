import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/files/project";
import { pipInstall } from "./pip";
import type { Step } from "./step";
import { venvFolder, venvPython } from "./venv";

const PACKAGE = "gradbook_papermill";

/** Installs the papermill plug-in into `.venv`, and again when its source has changed. It needs no network. */
export function papermillStep(project: string): Step {
  const source = join(packageRoot(), "kernel", "papermill");
  return {
    title: "papermill for TypeScript notebooks",
    isDone: () =>
      sitePackages(project).some((folder) => isCopy(join(source, PACKAGE), join(folder, PACKAGE))),
    async run(progress) {
      const args = ["--no-deps", "--no-index", "--force-reinstall", source];
      await pipInstall(venvPython(project), args, 1, process.env, progress);
    },
  };
}

function sitePackages(project: string): string[] {
  const lib = join(venvFolder(project), "lib");
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  return versions.map((version) => join(lib, version, "site-packages"));
}

function isCopy(source: string, installed: string): boolean {
  const modules = readdirSync(source).filter((file) => file.endsWith(".py"));
  return modules.every(
    (file) =>
      existsSync(join(installed, file)) &&
      readFileSync(join(installed, file)).equals(readFileSync(join(source, file))),
  );
}
