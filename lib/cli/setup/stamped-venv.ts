import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { requireFree } from "./build";
import { runChild } from "./child";
import { PINNED_ONLY, pipInstall, upgradePip } from "./pip";
import { type Progress, SetupError, type SetupStep } from "./progress";
import { findPython, hashOf, nameOf, type Python, requirementLines } from "./requirements";

/**
 * The contents of `gradbook.json` in the folder: it marks the folder as gradbook's and records whether the last set-up
 * was completed.
 */
interface Stamp {
  /** The hash of the installed requirements. Absent while an installation is incomplete. */
  installed?: string;
  /** The process that is installing. */
  installing?: number;
}

/** The contents of a virtual environment. */
export interface Contents {
  /** A hash of the requirements. */
  hash: string;
  /** The number of bytes that the installation needs on the disk. */
  bytes: number;
  /** @param inside the environment variables for pip */
  install(python: Python, inside: NodeJS.ProcessEnv): Promise<void>;
}

/** The interpreter of a virtual environment. */
export const pythonOf = (venv: string) => join(venv, "bin", "python");

/** Whether the folder holds a complete installation of these requirements. */
export const isInstalled = (venv: string, hash: string) =>
  existsSync(pythonOf(venv)) && readStamp(venv)?.installed === hash;

/**
 * Creates or recreates a virtual environment. Its stamp is written last, so that an interrupted installation never
 * counts as complete.
 *
 * @param env the environment variables that locate Python and pip's settings
 * @param free the number of free bytes on the disk. Default: asked of the file system
 * @throws SetupError when the folder belongs to another program, or this machine lacks Python, disk space or the
 * network
 */
export async function makeVenv(
  venv: string,
  { hash, bytes, install }: Contents,
  progress: Progress,
  env: NodeJS.ProcessEnv,
  free?: number,
): Promise<void> {
  requireOurs(venv);
  const python = findPython(env);
  rmSync(venv, { recursive: true, force: true });
  requireFree(join(venv, ".."), bytes, free);
  mkdirSync(join(venv, "tmp"), { recursive: true });
  writeStamp(venv, { installing: process.pid });
  // pip unpacks in the temporary folder, which may be a small one in memory.
  const inside = { ...env, TMPDIR: join(venv, "tmp") };
  progress.note(`with ${python.command} (Python ${python.version})`);
  const made = await runChild(python.command, ["-I", "-m", "venv", venv], { env: inside });
  if (made.code !== 0)
    throw new SetupError(
      `${python.command} -m venv ${basename(venv)} failed: ${made.output.split("\n").at(-1)}`,
    );
  await install(python, inside);
  rmSync(join(venv, "tmp"), { recursive: true, force: true });
  writeStamp(venv, { installed: hash });
}

/** @throws SetupError when the folder belongs to another program, or another process is installing into it */
function requireOurs(venv: string): void {
  if (!existsSync(venv) || readdirSync(venv).length === 0) return;
  const stamp = readStamp(venv);
  const name = basename(venv);
  if (!stamp)
    throw new SetupError(
      `${venv} was not made by gradbook, and gradbook needs that name: move it away (mv ${name} ${name}-mine), and start again.`,
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

const stampFile = (venv: string) => join(venv, "gradbook.json");

function readStamp(venv: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(stampFile(venv), "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

function writeStamp(venv: string, stamp: Stamp): void {
  writeFileSync(stampFile(venv), `${JSON.stringify(stamp)}\n`);
}

/** The oldest Python for which the pinned packages of tests and benchmarks have builds. */
const OLDEST = [3, 11] as const;

/** A virtual environment with the packages of one requirements file. */
export interface PinnedVenv {
  /** The title that is displayed during installation. */
  title: string;
  venv: string;
  /** The package's file that lists all requirements, including pip. */
  requirements: string;
  /** The number of bytes that the installation needs on the disk. */
  bytes: number;
  /** The environment variables that locate Python and pip's settings. */
  env: NodeJS.ProcessEnv;
  /**
   * Whether to write the byte code during installation. Otherwise the first import writes it, which would distort a
   * measurement.
   */
  compileAll?: boolean;
}

/** Creates a virtual environment with all packages of a requirements file, as the set-up creates `.venv`. */
export function pinnedVenvStep({ title, venv, requirements, bytes, env, compileAll }: PinnedVenv): SetupStep {
  const lines = requirementLines(requirements);
  const pip = lines.filter((line) => nameOf(line) === "pip");
  const others = lines.filter((line) => nameOf(line) !== "pip");
  const hash = hashOf(lines);
  return {
    title,
    isDone: () => isInstalled(venv, hash),
    async run(progress) {
      const install = async ({ version }: { version: string }, inside: NodeJS.ProcessEnv) => {
        requireNewer(version, requirements);
        const python = pythonOf(venv);
        await upgradePip(python, pip[0]!, inside, progress);
        await pipInstall(python, [...PINNED_ONLY, ...others], others.length, inside, progress);
        if (!compileAll) return;
        progress.note("writing byte code");
        await runChild(python, ["-m", "compileall", "-q", "-j", "0", `${venv}/lib`], { env: inside });
      };
      await makeVenv(venv, { hash, bytes, install }, progress, env);
    },
  };
}

function requireNewer(version: string, requirements: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || minor >= OLDEST[1]) return;
  throw new SetupError(
    `the packages of ${requirements} need Python ${OLDEST.join(".")} or newer, and this is ${version}: set GRADBOOK_PYTHON to another, and start again.`,
  );
}
