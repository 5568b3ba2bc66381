import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { jupyterEnvironment, packageRoot, setUp, setupSteps } from "../../lib/cli/setup";
import { testPython } from "../python/python";
import { setup } from "../python/set-up";

/**
 * `npm run test:kernel`: tests the installed kernel through its protocol. The last line counts all tests.
 * `npm run test:kernel -- stress 200`: stops loops of 20 kinds, 200 times with one kernel and with three.
 */
async function main(): Promise<void> {
  const project = packageRoot();
  await setUp(setupSteps(project));
  await setup();
  const [first, ...rest] = process.argv.slice(2);
  if (first === "stress") {
    process.exitCode = python(["stress.py", ...rest]).status ?? 1;
    return;
  }
  const counts = { passed: 0, failed: 0 };
  const run = (file: string, names: readonly string[]) => python([file, "-v", ...names]).stderr;
  for (const file of ["conformance.py", "protocol"]) {
    const stderr = run(file, process.argv.slice(2));
    const [, ran = "0"] = /^Ran (\d+) tests?/m.exec(stderr) ?? [];
    const of = (word: string) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(stderr)?.[1] ?? 0);
    // A suite that cannot start counts as one failure.
    let failed = Number(ran) ? of("failures") + of("errors") : 1;
    const names = [...stderr.matchAll(/^(?:ERROR|FAIL): \w+ \(\w+\.(\w+\.\w+)\)/gm)].map(([, name]) => name!);
    // As everywhere in CI, tests with time limits get a second try.
    if (process.env.CI && failed > 0 && names.length === failed)
      failed = names.filter((name) => !/^OK/m.test(run(file, [name]))).length;
    counts.failed += failed;
    counts.passed += Math.max(0, Number(ran) - failed - of("skipped"));
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed ? 1 : 0;
}

/** Runs a program of this folder, with the kernel of this project. */
function python([file, ...args]: readonly string[]) {
  const project = packageRoot();
  const done = spawnSync(testPython, [resolve(__dirname, file!), ...args], {
    cwd: project,
    env: { ...jupyterEnvironment(project), JUPYTER_PATH: resolve(project, ".venv", "share", "jupyter") },
    encoding: "utf8",
    stdio: ["ignore", "inherit", "pipe"],
  });
  process.stderr.write(done.stderr);
  return done;
}

void main();
