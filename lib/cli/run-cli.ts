import { ConfigError } from "../base/config";
import { TensorFlowNotFound } from "../engine";
import { NotebookError } from "./notebook";
import { gradbookProgram } from "./program";
import { joinParameters } from "./run";
import { endChildren, SetupError } from "./setup";

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
  const expected = [ConfigError, SetupError, NotebookError, TensorFlowNotFound].some(
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

let interrupted = false;

/** Runs `gradbook` with arguments, such as `["train", "--config", "run.yaml"]`, and sets the exit code of the process. */
export function runCli(args: readonly string[]): void {
  const program = gradbookProgram();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt(signal));
  for (const command of [program, ...program.commands])
    command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  program.parseAsync(joinParameters(args), { from: "user" }).catch((error) => {
    if (!interrupted) process.exitCode = report(error);
  });
}

async function interrupt(signal: NodeJS.Signals): Promise<void> {
  // A training also listens: it saves and returns.
  if (process.listenerCount(signal) > 1) return;
  // A second signal does not wait for the children.
  if (interrupted) process.exit(130);
  interrupted = true;
  await endChildren();
  process.exit(130);
}
