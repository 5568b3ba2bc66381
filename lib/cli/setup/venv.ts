import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { holdsTensorFlow } from "../../engine/platform";
import { PINNED_ONLY, pipInstall, upgradePip } from "./pip";
import type { SetupStep } from "./progress";
import { readRequirements } from "./requirements";
import { isInstalled, makeVenv, pythonOf } from "./stamped-venv";

/** The newest Python for which TensorFlow has wheels. Any Python can unpack their C library. */
const NEWEST_WHEEL = [3, 13] as const;

/** Returns the folder of the project's virtual environment. */
export const venvFolder = (project: string) => join(project, ".venv");
/** Returns the interpreter of the project's virtual environment. */
export const venvPython = (project: string) => pythonOf(venvFolder(project));

/**
 * Returns the environment for Jupyter. Its packages and kernels come from `.venv` alone, not from the user's other
 * installations.
 */
export function jupyterEnvironment(project: string): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTHONHOME, ...env } = process.env;
  return { ...env, PYTHONNOUSERSITE: "1", VIRTUAL_ENV: venvFolder(project), JUPYTER_PREFER_ENV_PATH: "1" };
}

/**
 * Creates `.venv` with all packages of requirements.txt. An installation that was interrupted or has other requirements
 * is replaced: its stamp is written last.
 *
 * @param env the environment variables that locate Python and pip's settings
 * @param free the number of free bytes on the disk. Default: asked of the file system
 */
export function venvStep(project: string, env: NodeJS.ProcessEnv = process.env, free?: number): SetupStep {
  const venv = venvFolder(project);
  return {
    title: "Python packages in .venv",
    isDone: () =>
      isInstalled(venv, readRequirements().hash) && tensorflowFolders(project).some(holdsTensorFlow),
    async run(progress) {
      const { pip, others, tensorflow, hash, bytes } = readRequirements();
      const contents = {
        hash,
        bytes,
        async install({ version }: { version: string }, inside: NodeJS.ProcessEnv) {
          const install = (args: string[], count: number) =>
            pipInstall(pythonOf(venv), args, count, inside, progress);
          await upgradePip(pythonOf(venv), pip, inside, progress);
          const [major = 0, minor = 0] = version.split(".").map(Number);
          if (major === NEWEST_WHEEL[0] && minor <= NEWEST_WHEEL[1]) {
            const all = [...others, ...tensorflow];
            await install([...PINNED_ONLY, ...all], all.length);
            return;
          }
          await install([...PINNED_ONLY, ...others], others.length);
          const into = join(venv, "lib", `python${major}.${minor}`, "site-packages");
          const other = ["--python-version", NEWEST_WHEEL.join("."), "--target", into];
          await install([...PINNED_ONLY, ...other, ...tensorflow], tensorflow.length);
        },
      };
      await makeVenv(venv, contents, progress, env, free);
    },
  };
}

function tensorflowFolders(project: string): string[] {
  const lib = join(venvFolder(project), "lib");
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  return versions.map((version) => join(lib, version, "site-packages", "tensorflow"));
}
