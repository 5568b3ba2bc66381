import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { makeFolder } from "../base/files/folder";
import { endChildren, type Launch, runChild } from "./setup";
import { Board, summaryCsv, summaryTable } from "./sweeps/board";
import type { Share } from "./sweeps/placement";
import { exitCodeOf, type Outcome, type QueueOptions, runQueue } from "./sweeps/queue";
import { writeShare } from "./sweeps/shares";
import type { SlurmArrays } from "./sweeps/slurm-array";

/** The resources that a job of a batch receives. */
export interface Running {
  /** The number of the slot among the jobs that run at the same time, from 0. */
  slot: number;
  /** The number of jobs that have not begun. */
  left: number;
  board: Board;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Starts the program of the job, on this machine or on the cluster. */
  launch: Launch;
}

/** The options of `runBatch`. */
export interface BatchOptions extends QueueOptions {
  folder: string;
  /** The cluster that runs the jobs, all at a time if it has space. Default: this machine. */
  cluster?: SlurmArrays | undefined;
  /** The part of the jobs that this process runs, while others run the rest. Default: all. */
  share?: Share | undefined;
}

/**
 * Runs a batch with its board. It writes a table to the terminal and `summary.csv` to `folder`, also when it is
 * interrupted.
 *
 * @returns the exit code
 * @throws ConfigError when the folder cannot be written; no job is run then
 */
export async function runBatch<Job extends { name: string }>(
  jobs: readonly Job[],
  run: (job: Job, running: Running) => Promise<Outcome>,
  { folder, cluster, share, ...options }: BatchOptions,
): Promise<number> {
  makeFolder(folder);
  const own = share ? jobs.filter((_, i) => i % share.of === share.index) : jobs;
  const board = new Board(own.length);
  const launch = cluster?.run ?? runChild;
  const queue = cluster ? { ...options, jobs: own.length, onStop: () => cluster.cancelPending() } : options;
  const { outcomes, interrupted } = await interruptible(
    (signal) =>
      runQueue(own, (job, slot, left) => run(job, { slot, left, board, signal, launch }), {
        ...queue,
        signal,
      }),
    { board, cluster },
  );
  const csv = join(folder, "summary.csv");
  if (share) writeShare(folder, jobs, share, outcomes);
  else writeFileSync(csv, summaryCsv(outcomes));
  printProblems(outcomes);
  console.log(`\n${summaryTable(outcomes)}\n\nsummary  ${relative(process.cwd(), csv)}`);
  const code = exitCodeOf(outcomes);
  return code !== 0 && interrupted ? 130 : code;
}

/** Writes the reasons of failures to stderr. Jobs that failed for one reason are reported once. */
export function printProblems(outcomes: readonly Outcome[]): void {
  for (const problem of new Set(outcomes.map((outcome) => outcome.problem)))
    if (problem) console.error(`\n${problem}`);
}

/**
 * Runs a batch, shows the notices of its cluster on its board, and closes the board at the end. At Ctrl-C the first signal stops the
 * running jobs in order, so that the batch can write its summary; the second one ends the process.
 */
export async function interruptible(
  batch: (signal: AbortSignal) => Promise<Outcome[]>,
  { board, cluster }: { board: Board; cluster?: SlurmArrays | undefined },
): Promise<{ outcomes: Outcome[]; interrupted: boolean }> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    cluster?.interrupt();
    void endChildren();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, stop);
  if (cluster) cluster.onNotice = (text) => board.say(text);
  try {
    const outcomes = await batch(controller.signal);
    return { outcomes, interrupted: controller.signal.aborted };
  } finally {
    board.close();
    for (const signal of signals) process.off(signal, stop);
  }
}
