import { buildStep } from "./build";
import { kernelStep } from "./kernel";
import { linkStep } from "./link";
import { papermillStep } from "./papermill";
import { Progress } from "./progress";
import { sessionsStep } from "./sessions";
import type { Step } from "./step";
import { venvStep } from "./venv";

export { defaultProject, packageRoot, packageVersion } from "../../base/files/project";
export { type Ended, endChildren, runChild } from "./child";
export { freeBytes, gigabytes } from "./disk";
export { SetupError } from "./errors";
export { installKernel, KERNEL, kernelFile, type Place, uninstallKernel } from "./kernel";
export { pipInstall } from "./pip";
export { Progress, seconds } from "./progress";
export { findPython } from "./python";
export { searchStep } from "./search";
export { jupyterEnvironment, venvPython } from "./venv";

/** Returns all steps that a fresh clone needs, in order. Completed steps are skipped. */
export function setupSteps(project: string): Step[] {
  return [
    buildStep(),
    linkStep(project),
    venvStep(project),
    papermillStep(project),
    kernelStep(project),
    sessionsStep(project),
  ];
}

/**
 * Runs the steps that are not done.
 *
 * @throws SetupError with one line that says what this machine lacks, and what to do
 */
export async function setUp(steps: readonly Step[], progress = new Progress()): Promise<void> {
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
