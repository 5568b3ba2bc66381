import { Command } from "commander";
import { ConfigError } from "../lib/base/config";
import { SetupError } from "../lib/cli/setup";
import { TensorFlowNotFound } from "../lib/engine";
import { dataCommand } from "./data/command";
import { isInterrupted, listenForInterrupts } from "./interrupt";
import { kernelCommand } from "./kernel/command";
import { launchCommand } from "./launch/command";
import { stepCommand } from "./step/command";
import { twinCommand } from "./twin/command";

/**
 * The benchmarks, one folder each. Standard output has JSON, one line per measurement; text for people goes to stderr.
 */
const program = new Command("npm run bench --")
  .description("gradbook's benchmarks: JSON lines on stdout, tables on stderr (docs/benchmarks.md)")
  .addCommand(stepCommand())
  .addCommand(launchCommand())
  .addCommand(dataCommand())
  .addCommand(kernelCommand())
  .addCommand(twinCommand())
  .showHelpAfterError();

/** Exit codes: 0 done, 1 a wrong option or a bug, 2 something is missing on this machine, 130 interrupted. */
function report(error: unknown): number {
  const expected = [SetupError, ConfigError, TensorFlowNotFound].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  return expected ? 2 : 1;
}

listenForInterrupts();
program.parseAsync().catch((error) => {
  if (!isInterrupted()) process.exitCode = report(error);
});
