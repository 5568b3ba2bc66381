import { spawnSync } from "node:child_process";
import { SetupError } from "../setup";

/**
 * Submits a job array whose tasks run a program, with the number of the task as its last argument.
 *
 * @param options options of sbatch
 * @returns the number of the job
 * @throws SetupError when sbatch does not exist or refuses the job
 */
export function sbatch(options: readonly string[], program: readonly string[]): string {
  const script = `#!/bin/bash\nexec ${program.map(quoted).join(" ")} "$SLURM_ARRAY_TASK_ID"\n`;
  const args = ["--parsable", ...options];
  const { status, stdout, stderr, error } = spawnSync("sbatch", args, { encoding: "utf8", input: script });
  if (error)
    throw new SetupError(
      `sbatch cannot be started (${error.message}): --on slurm needs a host that submits jobs.`,
    );
  if (status !== 0) throw new SetupError(`sbatch ${args.join(" ")}: ${stderr.trim()}`);
  return stdout.trim().split(";")[0]!;
}

/** Returns the numbers of the jobs' tasks that are in the queue; undefined while SLURM's controller does not answer. */
export function queuedOf(jobs: readonly string[]): ReadonlySet<string> | undefined {
  if (jobs.length === 0) return new Set();
  const args = ["--noheader", "--array", `--jobs=${jobs.join(",")}`, "--format=%F_%K"];
  const { status, stdout, stderr } = spawnSync("squeue", args, { encoding: "utf8" });
  if (status === 0) return new Set(stdout.split("\n").filter(Boolean));
  return FORGOTTEN.test(stderr) ? new Set() : undefined;
}

/** Returns the state of a task, such as NODE_FAIL; undefined when SLURM does not know the task. */
export function stateOf(task: string): string | undefined {
  const { stdout } = spawnSync("scontrol", ["show", "job", task], { encoding: "utf8" });
  return /JobState=(\w+)/.exec(stdout)?.[1];
}

/** Removes a task from the queue. */
export const cancel = (task: string): void => scancel([task]);

/** Sends SIGINT to the program of a task. */
export const interrupt = (task: string): void => scancel(["--batch", "--signal=INT", task]);

/** The error about a job that has ended some time ago. */
const FORGOTTEN = /Invalid job id/;

function scancel(args: readonly string[]): void {
  const { status, stderr } = spawnSync("scancel", args, { encoding: "utf8" });
  if (status !== 0 && !FORGOTTEN.test(stderr)) console.error(`scancel ${args.join(" ")}: ${stderr.trim()}`);
}

/** Quotes a word for the shell. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
