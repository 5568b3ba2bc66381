import { existsSync } from "node:fs";
import { Command } from "commander";
import { findTensorFlow, tf } from "../engine";
import { Table } from "../jupyter";
import { defaultProject, findPython, freeBytes, gigabytes, kernelFile, setupSteps } from "../setup";

/** `gradbook doctor`: what was found on this machine, and what is missing. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("print what was found: Node, Python, TensorFlow, kernel, sessions")
    .action(() => {
      const project = defaultProject();
      const kernel = kernelFile(project);
      const checks: [string, () => string][] = [
        ["Node", () => process.version],
        ["Python", () => Object.values(findPython()).join(" ")],
        ["TensorFlow", findTensorFlow],
        ["a sum on TensorFlow", () => String(tf.tidy(() => tf.add(20, 22).dataSync()[0]))],
        ["kernel", () => (existsSync(kernel) ? kernel : fail("not registered: run `npm run setup`"))],
        ["free disk", () => gigabytes(freeBytes(project))],
        ...setupSteps(project).map(({ title, isDone }): [string, () => string] => [
          title,
          () => (isDone() ? "done" : fail("not done: run `npm run setup`")),
        ]),
      ];
      const rows = checks.map(([check, find]) => ({ check, ...outcome(find) }));
      console.log(String(new Table(rows)));
      if (rows.some(({ state }) => state !== "ok")) process.exitCode = 1;
    });
}

function outcome(find: () => string): { state: string; found: string } {
  try {
    return { state: "ok", found: find() };
  } catch (error) {
    return { state: "missing", found: (error as Error).message };
  }
}

function fail(message: string): never {
  throw new Error(message);
}
