import { existsSync } from "node:fs";
import { Command } from "commander";
import { Table } from "../base/jupyter";
import { findTensorFlow } from "../engine";
import { type DeviceCheck, deviceChecks, Skipped } from "./doctor-device";
import { nodeVersion, tensorOperations } from "./doctor-node";
import { defaultProject, findPython, freeBytes, gigabytes, kernelFile, setupSteps } from "./setup";

/** `gradbook doctor`: reports what this machine has, and what is missing or does not work. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check this machine and print the results: Node, Python, TensorFlow, kernel, sessions")
    .option(
      "--gpu",
      "check that training works on this machine's GPUs: driver, placement, NCCL, reference numbers",
    )
    .option("--cpu", "check that training works on this machine's CPU")
    .option("--json", "print the checks as JSON")
    .action(async ({ gpu, cpu, json }: { gpu?: true; cpu?: true; json?: true }) => {
      const project = defaultProject();
      const kernel = kernelFile(project);
      const checks: DeviceCheck[] = [
        ["Node", nodeVersion],
        ["Python", () => Object.values(findPython()).join(" ")],
        ["TensorFlow", findTensorFlow],
        ...(gpu ? deviceChecks("gpu", project) : cpu ? deviceChecks("cpu", project) : []),
        // Runs after the checks of devices, which configure the engine.
        ["tensor operations", tensorOperations],
        ["kernel", () => (existsSync(kernel) ? kernel : fail("not registered: run `npx gradbook setup`"))],
        ["free disk", () => gigabytes(freeBytes(project))],
        ...setupSteps(project).map(
          ({ title, isDone }): DeviceCheck => [
            title,
            () => (isDone() ? "done" : fail("not done: run `npx gradbook setup`")),
          ],
        ),
      ];
      const rows = [];
      for (const [check, find] of checks) rows.push({ check, ...(await outcome(find)) });
      const ok = rows.every(({ state }) => state !== "failed");
      console.log(json ? JSON.stringify({ ok, checks: rows }, null, 2) : String(new Table(rows)));
      if (!ok) process.exitCode = 1;
    });
}

async function outcome(find: DeviceCheck[1]): Promise<{ state: string; found: string }> {
  try {
    return { state: "ok", found: await find() };
  } catch (error) {
    if (error instanceof Skipped) return { state: "skipped", found: error.message };
    return { state: "failed", found: (error as Error).message };
  }
}

function fail(message: string): never {
  throw new Error(message);
}
