import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { venvPython } from "../../lib/cli/setup";
import { nameOf, requirementLines } from "../../lib/cli/setup/requirements";
import { newFolder } from "../new-folder";

const dir = newFolder();

function run(program: string, ...args: readonly string[]) {
  const env = { ...process.env, GRADBOOK_TENSORFLOW: join(dir, "tensorflow"), NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env });
  return { status, text: stdout + stderr };
}

// CUDA's own packages are left out: TensorFlow loads them when it finds a GPU.
test("TensorFlow's build for CUDA has the reference numbers on a machine without a GPU", () => {
  const wheel = requirementLines("requirements-cuda.txt").find((line) => nameOf(line) === "tensorflow")!;
  const packages = ["--no-deps", "--only-binary=:all:", "--python-version=3.13", `--target=${dir}`, wheel];
  const installed = run(venvPython(resolve(".")), "-m", "pip", "install", "-q", ...packages);
  expect(installed.status, installed.text).toBe(0);
  const { status, text } = run(process.execPath, "dist/lib/cli/main.js", "doctor", "--cpu");
  console.log(text);
  expect(text).toMatch(/reference numbers +ok +\d+ passed, 0 failed/);
  expect(status).toBe(0);
}, 900_000);
