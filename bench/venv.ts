import { existsSync } from "node:fs";
import { join } from "node:path";
import { Progress, packageRoot, runChild, SetupError, setUp } from "../lib/setup";
import { PINNED_ONLY, pipInstall, upgradePip } from "../lib/setup/pip";
import { hashOf, nameOf, requirementLines } from "../lib/setup/requirements";
import { isInstalled, makeVenv, pythonOf } from "../lib/setup/stamped-venv";
import type { Step } from "../lib/setup/step";

const REQUIREMENTS = "bench/requirements.txt";
/** The oldest Python that the pinned packages are built for. */
const OLDEST = [3, 11] as const;
/** On Linux torch comes with CUDA's libraries. Both count pip's cache, which keeps a copy of each download. */
const BYTES = process.platform === "linux" ? 11e9 : 2e9;

/**
 * The Python that has the peers' packages: of `GRADBOOK_BENCH_VENV` when that is set, else of `.venv-bench`, which is made
 * when it is not there or is of other requirements.
 *
 * @throws SetupError with one line that says what is missing
 */
export async function benchPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const own = env.GRADBOOK_BENCH_VENV;
  if (own) return await checked(own);
  const venv = join(packageRoot(), ".venv-bench");
  await setUp([benchVenvStep(venv, env)], new Progress(process.stderr));
  return pythonOf(venv);
}

/** Makes a virtual environment with everything in bench/requirements.txt; as set-up makes `.venv`. */
export function benchVenvStep(venv: string, env: NodeJS.ProcessEnv): Step {
  const lines = requirementLines(REQUIREMENTS);
  const pip = lines.filter((line) => nameOf(line) === "pip");
  const others = lines.filter((line) => nameOf(line) !== "pip");
  const hash = hashOf(lines);
  return {
    title: "PyTorch and Lightning, to compare with, in .venv-bench",
    isDone: () => isInstalled(venv, hash),
    async run(progress) {
      const install = async ({ version }: { version: string }, inside: NodeJS.ProcessEnv) => {
        requireNewer(version);
        const python = pythonOf(venv);
        await upgradePip(python, pip[0]!, inside, progress);
        await pipInstall(python, [...PINNED_ONLY, ...others], others.length, inside, progress);
        // The first import would write the byte code else, at a cost in time that a measurement would show.
        progress.note("writing byte code");
        await runChild(python, ["-m", "compileall", "-q", "-j", "0", join(venv, "lib")], { env: inside });
      };
      await makeVenv(venv, { hash, bytes: BYTES, install }, progress, env);
    },
  };
}

function requireNewer(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || minor >= OLDEST[1]) return;
  throw new SetupError(
    `the benchmarks' packages need Python ${OLDEST.join(".")} or newer, and this is ${version}: set GRADBOOK_PYTHON to another, and start again.`,
  );
}

async function checked(venv: string): Promise<string> {
  const python = pythonOf(venv);
  if (!existsSync(python))
    throw new SetupError(
      `GRADBOOK_BENCH_VENV=${venv} has no bin/python: set it to a virtual environment, or unset it.`,
    );
  const { code, output } = await runChild(python, ["-c", "import torch, yaml, lightning"]);
  if (code === 0) return python;
  const reason = output.trim().split("\n").at(-1);
  throw new SetupError(
    `GRADBOOK_BENCH_VENV=${venv} lacks a package of ${REQUIREMENTS} (${reason}): install it there, or unset the variable.`,
  );
}
