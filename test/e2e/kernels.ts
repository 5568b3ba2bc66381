import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jupyterEnvironment } from "../../lib/cli/setup";

/**
 * Registers the tslab that npm installed as the kernel `tslab`, for one test.
 *
 * @param folder where its kernel.json goes
 * @returns the environment in which Jupyter finds it
 */
export function withTslab(project: string, folder: string): NodeJS.ProcessEnv {
  const file = join(folder, "kernels", "tslab", "kernel.json");
  mkdirSync(dirname(file), { recursive: true });
  const tslab = join(dirname(require.resolve("tslab/package.json")), "bin", "tslab");
  const argv = [process.execPath, tslab, "kernel", "--config-path={connection_file}"];
  writeFileSync(file, JSON.stringify({ argv, display_name: "tslab", language: "typescript" }));
  return { ...jupyterEnvironment(project), JUPYTER_PATH: folder, JUPYTER_PREFER_ENV_PATH: "0" };
}
