#!/usr/bin/env node
import { Command } from "commander";
import { ConfigError } from "../config";
import { TensorFlowNotFound } from "../engine";
import { endChildren, SetupError } from "../setup";
import { convertCommand } from "./convert";
import { doctorCommand } from "./doctor";
import { importTorchCommand } from "./import-torch";
import { inspectCommand } from "./inspect";
import { labCommand } from "./lab";
import { NotebookError } from "./notebook";
import { notebookCommand } from "./notebook-command";
import { reportCommand } from "./report";
import { simulateCommand } from "./simulate";
import { setupCommand, startCommand } from "./start";

const program = new Command("gradbook")
  .description("training in TypeScript: digital twins of visual cortex")
  .addCommand(startCommand())
  .addCommand(setupCommand())
  .addCommand(notebookCommand())
  .addCommand(reportCommand())
  .addCommand(simulateCommand())
  .addCommand(inspectCommand())
  .addCommand(convertCommand())
  .addCommand(labCommand())
  .addCommand(importTorchCommand())
  .addCommand(doctorCommand());

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
    // A second one does not wait for the children.
    if (interrupted) process.exit(130);
    interrupted = true;
    await endChildren();
    process.exit(130);
  });
}

program.parseAsync().catch((error) => {
  if (!interrupted) process.exitCode = report(error);
});
