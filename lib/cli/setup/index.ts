import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildStep, linkStep } from "./build";
import { kernelStep, papermillStep } from "./kernel";
import { PINNED_ONLY, pipInstall } from "./pip";
import { Progress, type SetupStep } from "./progress";
import { hashOf, requirementLines } from "./requirements";
import { settingsStep } from "./settings";
import { venvFolder, venvPython, venvStep } from "./venv";

export { defaultProject, packageRoot, packageVersion } from "../../base/files/package";
export { freeBytes, gigabytes } from "./build";
export {
  type Ended,
  endChildren,
  LastLines,
  type Launch,
  type LaunchOptions,
  runChild,
  startChild,
} from "./child";
export { installKernel, KERNEL, type KernelLocation, kernelFile, uninstallKernel } from "./kernel";
export { pipInstall } from "./pip";
export { Progress, SetupError, seconds } from "./progress";
export { findPython } from "./requirements";
export { jupyterEnvironment, venvPython } from "./venv";

/** The session that is written last. */
const LAST = "milo_2031-03-01.h5";

/** Simulates the demo's recording sessions where there are none. */
function sessionsStep(project: string): SetupStep {
  const outDir = join(project, "sessions", "demo");
  return {
    title: "simulated recordings in sessions/demo",
    isDone: () => existsSync(join(outDir, LAST)),
    async run(progress) {
      // Only this step needs the data room, which takes long to load.
      const { simulateSessions } = await import("../../data/index.js");
      // Sessions of an interrupted simulation are simulated again.
      await simulateSessions({ outDir, force: true, repeats: 10 }, ({ session }) => progress.note(session));
    },
  };
}

/** Installs Optuna into `.venv`, before the first search. */
export function searchStep(project: string): SetupStep {
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

/** Returns all steps that a fresh clone needs, in order. Completed steps are skipped. */
export function setupSteps(project: string): SetupStep[] {
  return [
    buildStep(),
    linkStep(project),
    venvStep(project),
    papermillStep(project),
    kernelStep(project),
    settingsStep(project),
    sessionsStep(project),
  ];
}

/**
 * Runs the steps that are not completed.
 *
 * @throws SetupError with one line that names the missing requirement of this machine and the remedy
 */
export async function setUp(steps: readonly SetupStep[], progress = new Progress()): Promise<void> {
  for (const step of steps) {
    if (step.isDone()) continue;
    progress.begin(step.title);
    try {
      await step.run(progress);
    } catch (error) {
      progress.fail();
      throw error;
    }
    progress.done();
  }
}
