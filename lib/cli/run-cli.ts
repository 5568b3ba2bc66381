import { joinParameters } from "./arguments";
import { gradbookProgram } from "./program";
import { report } from "./report-error";
import { endChildren } from "./setup/child";

let interrupted = false;

/** Runs `gradbook` with arguments, such as `["train", "--config", "run.yaml"]`, and sets the exit code of the process. */
export function runCli(args: readonly string[]): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt(signal));
  run(args).catch((error) => {
    if (!interrupted) process.exitCode = report(error);
  });
}

async function run(args: readonly string[]): Promise<void> {
  const program = await gradbookProgram(args[0]);
  for (const command of [program, ...program.commands])
    command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  await program.parseAsync(joinParameters(args), { from: "user" });
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
