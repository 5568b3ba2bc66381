import { copyFileSync, existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { ConfigError } from "../base/config";
import { makeFolderOf } from "../base/files/folder";
import { packageRoot } from "./setup";

/** The first files of a project, copied from this package: a model, its sessions, and the notebook that trains them. */
const FILES = [
  "configs/models/quickstart.yaml",
  "configs/sessions/demo.yaml",
  "notebooks/01-quickstart.ipynb",
  "notebooks/tsconfig.json",
];

/** `gradbook init`: creates a new project. */
export function initCommand(): Command {
  return new Command("init")
    .description("write configurations and a first notebook into your own project")
    .argument("[folder]", "the project's folder", ".")
    .option("--force", "replace existing files")
    .action((folder: string, { force }: { force?: true }) => {
      for (const file of writeProject(folder, { force: force === true })) console.log(`written  ${file}`);
      console.log(NEXT);
    });
}

const NEXT = `
next:
  npx gradbook setup   # .venv with TensorFlow and Jupyter, the kernel, simulated recordings
  npx gradbook start   # runs notebooks/01-quickstart.ipynb
  npx gradbook lab     # opens JupyterLab
Recordings of your own: docs/session-format.md in the package, and configs/sessions/demo.yaml to begin with.`;

/**
 * Copies the first files of a project.
 *
 * @returns the files, relative to the working folder
 * @throws ConfigError when one exists and may not be replaced; no file is written then
 */
function writeProject(folder: string, { force }: { force: boolean }): string[] {
  const isPackage = resolve(folder) === packageRoot();
  if (isPackage)
    throw new ConfigError(folder, [{ path: "", message: "is gradbook's own folder, which has these files" }]);
  const existing = FILES.filter((file) => existsSync(join(folder, file)));
  if (existing.length > 0 && !force)
    throw new ConfigError(
      folder,
      existing.map((file) => ({
        path: file,
        message: "exists already: give another folder, or --force to replace it",
      })),
    );
  return FILES.map((file) => {
    const to = join(folder, file);
    makeFolderOf(to);
    copyFileSync(join(packageRoot(), file), to);
    return relative(process.cwd(), to);
  });
}
