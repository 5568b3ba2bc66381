import { ConfigError } from "../base/config";
import { LaunchError } from "../distributed";
import { TensorFlowNotFound } from "../engine/errors";
import { SetupError } from "./setup/progress";

/** The error of a cell that failed. The message quotes the cell. */
export class NotebookError extends Error {
  override readonly name = "NotebookError";
}

/**
 * Reports an error and returns the exit code: 0 success, 1 a problem of this machine or a notebook, 2 bad input, 130
 * interrupted.
 */
export function report(error: unknown): number {
  const system = systemProblem(error);
  if (system && !process.env.GRADBOOK_DEBUG) {
    console.error(system);
    return 1;
  }
  const expected = [ConfigError, SetupError, NotebookError, TensorFlowNotFound, LaunchError].some(
    (kind) => error instanceof kind,
  );
  if (!expected || process.env.GRADBOOK_DEBUG) console.error(error);
  else console.error((error as Error).message);
  if (!expected) console.error("This is a bug in gradbook: please report it with the lines above.");
  return error instanceof ConfigError ? 2 : 1;
}

/** Errors of the system that a person can fix, with the remedy. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; make room, or give another folder",
  EDQUOT: "your disk quota is used up; make room, or give another folder",
  EROFS: "its file system is read-only; give another folder",
  EACCES: "you have no permission to read or write it; give another folder, or ask for permission",
  EPERM: "the system does not allow it; give another folder, or ask for permission",
};

/** The text for an error of the file system; undefined for any other error. */
function systemProblem(error: unknown): string | undefined {
  const { code = "", path = "a file", syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || !syscall || !SYSTEM[code]) return undefined;
  return `${path}: ${SYSTEM[code]} (${code} at ${syscall})`;
}
