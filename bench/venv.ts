import { existsSync } from "node:fs";
import { join } from "node:path";
import { Progress, packageRoot, runChild, SetupError, setUp } from "../lib/cli/setup";
import type { SetupStep } from "../lib/cli/setup/progress";
import { pinnedVenvStep, pythonOf } from "../lib/cli/setup/stamped-venv";

const REQUIREMENTS = "bench/requirements.txt";
/**
 * The disk space for the packages. On Linux torch includes CUDA's libraries. Both numbers include pip's cache, which
 * keeps a copy of each download.
 */
const BYTES = process.platform === "linux" ? 11e9 : 2e9;

/**
 * Returns the Python with the peers' packages: from `GRADBOOK_BENCH_VENV` if set, else from `.venv-bench`, which is
 * made when it is missing or has other requirements.
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

/** Makes a virtual environment with everything in bench/requirements.txt. */
function benchVenvStep(venv: string, env: NodeJS.ProcessEnv): SetupStep {
  const title = "PyTorch and Lightning, to compare with, in .venv-bench";
  return pinnedVenvStep({ title, venv, requirements: REQUIREMENTS, bytes: BYTES, env, compileAll: true });
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
