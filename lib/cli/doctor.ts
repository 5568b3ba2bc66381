import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { Table } from "../base/jupyter/table";
import { compile, tf } from "../engine";
import { findTensorFlow } from "../engine/library";
import { type DeviceCheck, deviceChecks, Skipped } from "./doctor-device";
import {
  defaultProject,
  findPython,
  freeBytes,
  gigabytes,
  kernelFile,
  packageRoot,
  setupSteps,
} from "./setup";

/**
 * Returns the version of the running Node, with a remark when package.json's `engines` does not list it: only those
 * versions are tested.
 *
 * @throws Error when it is older than all versions that `engines` lists
 */
function nodeVersion(): string {
  const { engines } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const [here] = versionsIn(process.version);
  const tested = versionsIn(engines.node);
  if (tested.some(({ major, minor }) => here!.major === major && here!.minor >= minor))
    return process.version;
  if (tested.every(({ major }) => here!.major <= major))
    throw new Error(`${process.version} is too old: gradbook is tested with Node ${engines.node}`);
  return `${process.version}, which is not among the tested versions: ${engines.node}`;
}

const versionsIn = (text: string) =>
  [...text.matchAll(/(\d+)(?:\.(\d+))?[.\d]*/g)].map(([, major, minor]) => ({
    major: Number(major),
    minor: Number(minor ?? 0),
  }));

/**
 * Checks an eager operation, a kernel with options and a compiled gradient, which any training needs. Returns their
 * results.
 */
async function tensorOperations(): Promise<string> {
  const sum = tf.tidy(() => tf.add(20, 22).dataSync()[0]);
  const largest = tf.tidy(() => tf.topk(tf.tensor1d([1, 3, 2]), 1).values.dataSync()[0]);
  const step = compile((x: tf.Scalar) => tf.grad((at: tf.Tensor) => tf.square(at))(x));
  const gradient = await step(3);
  const [slope] = gradient.dataSync();
  gradient.dispose();
  if (sum !== 42 || largest !== 3 || slope !== 6)
    throw new Error(
      `wrong results: 20 + 22 = ${sum}, max(1, 3, 2) = ${largest}, slope of x² at 3 = ${slope}`,
    );
  return "20 + 22 = 42, max(1, 3, 2) = 3, slope of x² at 3 = 6";
}

/** `gradbook doctor`: reports what this machine has, and which requirements are missing or broken. */
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
