import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holdsTensorFlow } from "../engine/platform";
import { runChild } from "./child";
import { requireFree } from "./disk";
import { SetupError } from "./errors";
import { pipInstall } from "./pip";
import { findPython } from "./python";
import { readRequirements } from "./requirements";
import type { Step } from "./step";

/** The newest Python that TensorFlow's wheels are built for. Their C library does not care which Python unpacks it. */
const NEWEST_WHEEL = [3, 13] as const;

/** `.venv/gradbook.json`: that this folder is ours, and whether the last set-up reached its end. */
interface Stamp {
  /** Hash of the requirements that are installed; absent from the moment an installation begins until it is whole. */
  installed?: string;
  /** The process that is installing. */
  installing?: number;
}

export const venvFolder = (project: string) => join(project, ".venv");
export const venvPython = (project: string) => join(venvFolder(project), "bin", "python");

/** What Jupyter runs with: its packages and kernels are those of `.venv`, whatever else this user has installed. */
export function jupyterEnvironment(project: string): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTHONHOME, ...env } = process.env;
  return { ...env, PYTHONNOUSERSITE: "1", VIRTUAL_ENV: venvFolder(project), JUPYTER_PREFER_ENV_PATH: "1" };
}

const stampFile = (project: string) => join(venvFolder(project), "gradbook.json");

/**
 * Makes `.venv` with everything in requirements.txt. An installation that was interrupted, or is of other requirements,
 * is made anew: its stamp is written last.
 *
 * @param env where Python and pip's settings are looked for
 * @param free bytes that are free on the disk; asked of the file system when left out
 */
export function venvStep(project: string, env: NodeJS.ProcessEnv = process.env, free?: number): Step {
  return {
    title: "Python packages in .venv",
    isDone: () =>
      existsSync(venvPython(project)) &&
      readStamp(project)?.installed === readRequirements().hash &&
      tensorflowFolders(project).some(holdsTensorFlow),
    async run(progress) {
      const venv = venvFolder(project);
      requireOurs(project);
      const requirements = readRequirements();
      const python = findPython(env);
      rmSync(venv, { recursive: true, force: true });
      requireFree(project, requirements.bytes, free);
      mkdirSync(join(venv, "tmp"), { recursive: true });
      writeStamp(project, { installing: process.pid });
      // pip unpacks in the temporary folder, which may be a small one in memory.
      const inside = { ...env, TMPDIR: join(venv, "tmp") };
      progress.note(`with ${python.command} (Python ${python.version})`);
      const made = await runChild(python.command, ["-I", "-m", "venv", venv], { env: inside });
      if (made.code !== 0)
        throw new SetupError(`${python.command} -m venv .venv failed: ${made.output.split("\n").at(-1)}`);
      const pip = (args: string[], count: number) =>
        pipInstall(venvPython(project), args, count, inside, progress);
      // Without a network this is where it shows: soon, and for a small file.
      await pip([...(env.PIP_RETRIES ? [] : ["--retries", "2"]), requirements.pip], 1);
      const flags = ["--progress-bar", "raw", "--no-deps", "--only-binary", ":all:"];
      const { others, tensorflow } = requirements;
      const [major = 0, minor = 0] = python.version.split(".").map(Number);
      if (major === NEWEST_WHEEL[0] && minor <= NEWEST_WHEEL[1])
        await pip([...flags, ...others, ...tensorflow], others.length + tensorflow.length);
      else {
        await pip([...flags, ...others], others.length);
        const into = join(venv, "lib", `python${major}.${minor}`, "site-packages");
        const other = ["--python-version", NEWEST_WHEEL.join("."), "--target", into];
        await pip([...flags, ...other, ...tensorflow], tensorflow.length);
      }
      rmSync(join(venv, "tmp"), { recursive: true, force: true });
      writeStamp(project, { installed: requirements.hash });
    },
  };
}

/** @throws SetupError when `.venv` is someone else's, or is being installed by another process at this moment */
function requireOurs(project: string): void {
  const venv = venvFolder(project);
  if (!existsSync(venv) || readdirSync(venv).length === 0) return;
  const stamp = readStamp(project);
  if (!stamp)
    throw new SetupError(
      `${venv} was not made by gradbook, and gradbook needs that name: move it away (mv .venv .venv-mine), and start again.`,
    );
  if (stamp.installing !== undefined && stamp.installing !== process.pid && isAlive(stamp.installing))
    throw new SetupError(
      `process ${stamp.installing} is setting up ${venv} at this moment: wait for it, or end it, and start again.`,
    );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readStamp(project: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(stampFile(project), "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

function writeStamp(project: string, stamp: Stamp): void {
  writeFileSync(stampFile(project), `${JSON.stringify(stamp)}\n`);
}

function tensorflowFolders(project: string): string[] {
  const lib = join(venvFolder(project), "lib");
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  return versions.map((version) => join(lib, version, "site-packages", "tensorflow"));
}
