import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { makeFolder } from "../base/files/folder";
import { endChildren } from "./setup";
import { Board, summaryCsv, summaryTable } from "./sweeps/board";
import { exitCodeOf, type Outcome, type QueueOptions, runQueue } from "./sweeps/queue";

/** The resources that a job of a batch receives. */
export interface Running {
  /** The number of the slot among the jobs that run at the same time, from 0. */
  slot: number;
  board: Board;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
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
  { folder, ...options }: QueueOptions & { folder: string },
): Promise<number> {
  makeFolder(folder);
  const board = new Board(jobs.length);
  const { outcomes, interrupted } = await interruptible((signal) =>
    runQueue(jobs, (job, slot) => run(job, { slot, board, signal }), { ...options, signal }),
  );
  board.close();
  const csv = join(folder, "summary.csv");
  writeFileSync(csv, summaryCsv(outcomes));
  for (const { problem } of outcomes) if (problem) console.error(`\n${problem}`);
  console.log(`\n${summaryTable(outcomes)}\n\nsummary  ${relative(process.cwd(), csv)}`);
  const code = exitCodeOf(outcomes);
  return code !== 0 && interrupted ? 130 : code;
}

/**
 * Handles Ctrl-C: the first signal stops the running jobs in order, so that the batch can write its summary; the second
 * one ends the process.
 */
export async function interruptible(
  batch: (signal: AbortSignal) => Promise<Outcome[]>,
): Promise<{ outcomes: Outcome[]; interrupted: boolean }> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    void endChildren();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    const outcomes = await batch(controller.signal);
    return { outcomes, interrupted: controller.signal.aborted };
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
