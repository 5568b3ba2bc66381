import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PINNED_ONLY, pipInstall } from "./pip";
import { hashOf, requirementLines } from "./requirements";
import type { Step } from "./step";
import { venvFolder, venvPython } from "./venv";

/** Installs Optuna into `.venv`, before the first search. */
export function searchStep(project: string): Step {
  const lines = requirementLines("requirements-search.txt");
  const hash = hashOf(lines);
  // The stamp is in `.venv`, so that it disappears when `.venv` is made again.
  const stamp = join(venvFolder(project), "search.txt");
  return {
    title: "Optuna in .venv",
    isDone: () => existsSync(stamp) && readFileSync(stamp, "utf8") === hash,
    async run(progress) {
      await pipInstall(venvPython(project), [...PINNED_ONLY, ...lines], lines.length, process.env, progress);
      writeFileSync(stamp, hash);
    },
  };
}
