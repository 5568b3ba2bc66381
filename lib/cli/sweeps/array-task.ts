import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../base/files/atomic";
import { endChildren, runChild } from "../setup";

/** A program that a task of an array runs. */
export interface ArrayTask {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The variables in which its environment differs from that of the submission. */
  readonly env: NodeJS.ProcessEnv;
}

/*
 * The program of each task: `array-task FOLDER NUMBER` runs what FOLDER/NUMBER.json says, and writes its exit code to FOLDER/NUMBER.end. Ctrl-C
 * of the batch arrives as SIGINT. SLURM sends SIGTERM to all processes of a task, also to those of the program.
 */
async function main([folder, number]: string[]): Promise<void> {
  const path = join(folder!, number!);
  const { command, args, cwd, env } = JSON.parse(readFileSync(`${path}.json`, "utf8")) as ArrayTask;
  rmSync(`${path}.end`, { force: true });
  process.on("SIGINT", () => void endChildren());
  let stopped = false;
  process.on("SIGTERM", () => {
    stopped = true;
  });
  const { code } = await runChild(command, args, {
    cwd,
    env: { ...process.env, ...env },
    onLine: (line) => console.log(line),
    onErrorLine: (line) => console.error(line),
  });
  if (stopped) console.log("SLURM stopped the task, as at its time limit; the same command continues it.");
  writeAtomically(`${path}.end`, [JSON.stringify({ code: stopped ? 1 : (code ?? 1) })]);
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
  });
