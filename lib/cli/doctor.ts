import { existsSync } from "node:fs";
import { Command } from "commander";
import { findTensorFlow, tf } from "../engine";
import { Table } from "../jupyter";
import { defaultProject, findPython, freeBytes, gigabytes, kernelFile, setupSteps } from "../setup";
import { type DeviceCheck, deviceChecks, Skipped } from "./doctor-device";

/** `gradbook doctor`: what was found on this machine, and what is missing. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("print what was found: Node, Python, TensorFlow, kernel, sessions")
    .option(
      "--gpu",
      "see that training works on this machine's GPUs: driver, placement, NCCL, reference numbers",
    )
    .option("--cpu", "the same on its processor")
    .action(async ({ gpu, cpu }: { gpu?: true; cpu?: true }) => {
      const project = defaultProject();
      const kernel = kernelFile(project);
      const checks: DeviceCheck[] = [
        ["Node", () => process.version],
        ["Python", () => Object.values(findPython()).join(" ")],
        ["TensorFlow", findTensorFlow],
        ...(gpu ? deviceChecks("gpu", project) : cpu ? deviceChecks("cpu", project) : A_SUM),
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
      console.log(String(new Table(rows)));
      if (rows.some(({ state }) => state === "missing")) process.exitCode = 1;
    });
}

const A_SUM: DeviceCheck[] = [
  ["a sum on TensorFlow", () => String(tf.tidy(() => tf.add(20, 22).dataSync()[0]))],
];

async function outcome(find: DeviceCheck[1]): Promise<{ state: string; found: string }> {
  try {
    return { state: "ok", found: await find() };
  } catch (error) {
    if (error instanceof Skipped) return { state: "skipped", found: error.message };
    return { state: "missing", found: (error as Error).message };
  }
}

function fail(message: string): never {
  throw new Error(message);
}
