import { spawnSync } from "node:child_process";
import { SetupError } from "../setup";

/** @throws SetupError when this host has no sbatch */
export function requireSbatch(): void {
  const { error } = spawnSync("sbatch", ["--version"]);
  if (error)
    throw new SetupError(
      `sbatch cannot be started (${error.message}): --on slurm needs a host that submits jobs to SLURM; on this machine leave it out.`,
    );
}

/**
 * Submits a job array whose tasks run a program, with the number of the task as its last argument.
 *
 * @param options options of sbatch
 * @returns the number of the job
 * @throws SetupError with the words of sbatch when it refuses the job
 */
export function sbatch(options: readonly string[], program: readonly string[]): string {
  const script = `#!/bin/bash\nexec ${program.map(quoted).join(" ")} "$SLURM_ARRAY_TASK_ID"\n`;
  const args = ["--parsable", ...options];
  const { status, stdout, stderr } = spawnSync("sbatch", args, { encoding: "utf8", input: script });
  if (status !== 0) throw new SetupError(`sbatch ${args.join(" ")}:\n${stderr.trim()}`);
  return stdout.trim().split(";")[0]!;
}

/** The tasks in the queue, each with the reason why SLURM keeps it waiting, if there is one. */
export type Queued = ReadonlyMap<string, string | undefined>;

/** Returns the jobs' tasks that are in the queue; undefined while SLURM's controller does not answer. */
export function queuedOf(jobs: readonly string[]): Queued | undefined {
  if (jobs.length === 0) return new Map();
  const args = ["--noheader", "--array", `--jobs=${jobs.join(",")}`, "--format=%F_%K|%t|%r"];
  const { status, stdout, stderr } = spawnSync("squeue", args, { encoding: "utf8" });
  if (status !== 0) return FORGOTTEN.test(stderr) ? new Map() : undefined;
  const rows = stdout.split("\n").filter(Boolean);
  return new Map(
    rows.map((row) => {
      const [task, state, reason] = row.split("|");
      return [task!, state === "PD" && reason !== "None" ? reason : undefined];
    }),
  );
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
