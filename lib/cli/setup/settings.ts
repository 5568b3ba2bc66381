import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolderOf } from "../../base/files/folder";
import type { SetupStep } from "./progress";
import { venvFolder } from "./venv";

/** Defaults of JupyterLab's settings for the project. A person's own settings count more. */
const DEFAULTS = {
  // A saved notebook shows its widgets when it is opened without a kernel.
  "@jupyter-widgets/jupyterlab-manager:plugin": { saveState: true },
};

/** Sets defaults of JupyterLab in `.venv`. */
export function settingsStep(project: string): SetupStep {
  const file = join(venvFolder(project), "share", "jupyter", "lab", "settings", "overrides.json");
  const text = `${JSON.stringify(DEFAULTS, null, 2)}\n`;
  return {
    title: "settings of JupyterLab",
    isDone: () => existsSync(file) && readFileSync(file, "utf8") === text,
    async run() {
      makeFolderOf(file);
      writeFileSync(file, text);
    },
  };
}
