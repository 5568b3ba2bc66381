#!/usr/bin/env node
import { ConfigError } from "../config";
import { TensorFlowNotFound } from "../engine";
import { endChildren, SetupError } from "../setup";
import { NotebookError } from "./notebook";
import { gradbookProgram } from "./program";
import { joinParameters } from "./run";

const program = gradbookProgram();

/** Exit codes: 0 done, 1 something on this machine or in a notebook stands in the way, 2 bad input, 130 interrupted. */
function report(error: unknown): number {
  const expected = [ConfigError, SetupError, NotebookError, TensorFlowNotFound].some(
    (kind) => error instanceof kind,
  );
  if (!expected || process.env.GRADBOOK_DEBUG) console.error(error);
  else console.error((error as Error).message);
  if (!expected) console.error("This is a bug in gradbook: please report it with the lines above.");
  return error instanceof ConfigError ? 2 : 1;
}

let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    // A training listens too: it saves and returns.
    if (process.listenerCount(signal) > 1) return;
    // A second one does not wait for the children.
    if (interrupted) process.exit(130);
    interrupted = true;
    await endChildren();
    process.exit(130);
  });
}

for (const command of [program, ...program.commands])
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
program.parseAsync(joinParameters(process.argv)).catch((error) => {
  if (!interrupted) process.exitCode = report(error);
});
