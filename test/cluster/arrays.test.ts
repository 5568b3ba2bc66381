import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { load } from "js-yaml";
import { beforeEach, expect, test } from "vitest";
import { setUp } from "../../lib/cli/setup";
import { pinnedVenvStep, pythonOf } from "../../lib/cli/setup/stamped-venv";
import { MAIN } from "../cli/gradbook";
import { blocks } from "../docs/blocks";
import { newFolder } from "../new-folder";
import { notebook } from "../papermill/notebook";
import { GridEngine } from "./grid-engine";
import { GRID_ENGINE, installLaunchers } from "./set-up";

let dir: string;
beforeEach(() => {
  dir = newFolder();
  const record = `import { record } from ${JSON.stringify(resolve("dist/lib/base/jupyter/table.js"))};
record({ score: 10 * seed });`;
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 0;", [record]));
  // Here npx finds programs of the project.
  addProgram("node_modules/.bin", "gradbook", `exec ${process.execPath} ${MAIN} "$@"`);
});

function addProgram(folder: string, name: string, script: string): void {
  mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Runs a command in the project's folder. */
function run(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): void {
  const env = { ...process.env, ...more, PATH: `${join(dir, "bin")}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, env, encoding: "utf8" });
  expect(status, stdout + stderr).toBe(0);
}

/** Returns the block of docs/batch.md that contains a text, for two notebooks in the place of eight. */
function block(language: string, containing: string): string {
  const { code } = blocks(language).find(
    ({ page, code }) => page === "docs/batch.md" && code.includes(containing),
  )!;
  return code
    .replaceAll("1,2,3,4,5,6,7,8", "1,2")
    .replaceAll("0-7", "0-1")
    .replaceAll("1-8", "1-2")
    .replaceAll("/8", "/2")
    .replace("range(8)", "range(2)")
    .replace("completions: 8", "completions: 2");
}

function expectSummary(): void {
  expect(readFileSync(join(dir, "runs", "sweep", "summary.csv"), "utf8")).toMatch(
    /^run,.*\r\nseed=1,completed,.*,1,10,\r\nseed=2,completed,.*,2,20,\r\n$/,
  );
}

/**
 * Programs in the place of schedulers that cannot be installed here, by the documented commands. They run the tasks of an array at the same
 * time, with the variables of
 * https://help.altair.com/2024.1.0/PBS%20Professional/PBSReferenceGuide2024.1.pdf and of
 * https://www.ibm.com/docs/en/spectrum-lsf/10.1.0?topic=variables-environment-set-job-execution.
 */
const SCHEDULERS = {
  "qsub -J": `here=$PWD; range=$2; shift 3
for i in $(seq \${range%-*} \${range#*-}); do (cd / && PBS_O_WORKDIR=$here PBS_ARRAY_INDEX=$i "$@") & done; wait`,
  "bsub -J": `range=\${2#*[}; range=\${range%]}
for i in $(seq \${range%-*} \${range#*-}); do LSB_JOBINDEX=$i sh -c "$3" & done; wait`,
};

/** Returns the documented line that begins with a command. */
const lineOf = (command: string) =>
  block("sh", command)
    .split("\n")
    .find((each) => each.startsWith(command))!;

test.each(Object.entries(SCHEDULERS))(
  "the documented command %s runs a sweep in parts",
  (command, program) => {
    addProgram("bin", command.split(" ")[0]!, program);
    run("sh", ["-c", lineOf(command)]);
    expectSummary();
  },
);

test("the documented command of Grid Engine runs a sweep in parts", () => {
  expect(installLaunchers(GRID_ENGINE)).toBeUndefined();
  const cluster = new GridEngine(newFolder());
  try {
    const { env, prefix } = cluster.access;
    const [first, ...rest] = [...prefix, "sh", "-c", lineOf("qsub -N").replace("qsub", "qsub -sync y")];
    run(first!, rest, env);
  } finally {
    cluster.stop();
  }
  expectSummary();
});

test("the documented program of Ray runs a sweep in parts", async () => {
  const [venv, requirements] = [resolve(".venv-ray"), "test/cluster/requirements.txt"];
  // The disk space includes pip's cache.
  await setUp([
    pinnedVenvStep({ title: "Ray in .venv-ray", venv, requirements, bytes: 1e9, env: process.env }),
  ]);
  writeFileSync(join(dir, "sweep.py"), block("python", "import ray"));
  run(pythonOf(venv), ["sweep.py"]);
  expectSummary();
});

/** The parts of the manifest that concern the processes. */
interface Manifest {
  spec: { completions: number; template: { spec: { containers: { command: string[] }[] } } };
}

test("the documented job of Kubernetes runs a sweep in parts, by the variable that it gives each pod", () => {
  const { spec } = load(block("yaml", "kind: Job")) as Manifest;
  const [program, ...args] = spec.template.spec.containers[0]!.command;
  for (let i = 0; i < spec.completions; i++)
    run(
      program!,
      args.map((arg) => arg.replace("$(JOB_COMPLETION_INDEX)", String(i))),
      { JOB_COMPLETION_INDEX: String(i) },
    );
  expectSummary();
});
