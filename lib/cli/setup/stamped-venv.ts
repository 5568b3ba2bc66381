import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runChild } from "./child";
import { requireFree } from "./disk";
import { SetupError } from "./errors";
import type { Progress } from "./progress";
import { findPython, type Python } from "./python";

/** `gradbook.json` in the folder: that it is ours, and whether the last set-up reached its end. */
interface Stamp {
  /** Hash of the requirements that are installed; absent from the moment an installation begins until it is whole. */
  installed?: string;
  /** The process that is installing. */
  installing?: number;
}

/** What goes into a virtual environment. */
export interface Contents {
  /** Changes whenever the requirements do. */
  hash: string;
  /** Bytes that the installation needs on the disk. */
  bytes: number;
  /** @param inside the environment variables that pip is to run with */
  install(python: Python, inside: NodeJS.ProcessEnv): Promise<void>;
}

/** The interpreter of a virtual environment. */
export const pythonOf = (venv: string) => join(venv, "bin", "python");

/** Whether the folder holds a whole installation of these requirements. */
export const isInstalled = (venv: string, hash: string) =>
  existsSync(pythonOf(venv)) && readStamp(venv)?.installed === hash;

/**
 * Makes a virtual environment anew. Its stamp is written last, so that an interrupted installation is never taken for
 * a whole one.
 *
 * @param env where Python and pip's settings are looked for
 * @param free bytes that are free on the disk; asked of the file system when left out
 * @throws SetupError when the folder is not ours, or this machine lacks Python, disk space or the network
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

/** @throws SetupError when the folder is someone else's, or is being installed by another process at this moment */
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
