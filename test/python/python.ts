import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../lib/cli/setup";
import { pythonOf } from "../../lib/cli/setup/stamped-venv";

export const TEST_VENV = join(packageRoot(), ".venv-test");

/** Python with numpy, h5py, pynwb, safetensors, tensorboard and jupyter_kernel_test. */
export const testPython = pythonOf(TEST_VENV);

/** Runs a script in it. @returns what it printed @throws Error with its traceback */
export async function runPython(code: string, args: readonly string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(testPython, ["-I", "-c", code, ...args], { encoding: "utf8" });
  return stdout.trim();
}
