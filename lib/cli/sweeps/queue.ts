/** The ways in which a job may end. */
export type Ending = "completed" | "pruned" | "failed" | "diverged" | "interrupted" | "skipped" | "not run";

/** The result of one job of a batch. */
export interface Outcome {
  name: string;
  ending: Ending;
  seconds: number;
  /** The number of times the job was started. */
  attempts: number;
  /** Numbers and words for the summary, such as a score. */
  facts: Readonly<Record<string, string | number>>;
  /** The reason of a failure, for the user. */
  problem?: string;
}

/** Thrown by a job that did not begin: the batch ended before, or the message has the reason why the cluster refused it. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
}

/** The options of `runQueue`. */
export interface QueueOptions {
  /** The number of jobs at a time. Default 1. */
  jobs?: number;
  /** Whether to continue after a failure. Default false: jobs that have not begun are not run. */
  keepGoing?: boolean;
  /** Once it is aborted, no further job starts, and a job that then ends without success counts as interrupted. */
  signal?: AbortSignal;
  /** Called once when the batch stops early: no further job starts. */
  onStop?: () => void;
}

/** Endings that count as success. */
export const GOOD: readonly Ending[] = ["completed", "pruned", "skipped"];

/** Endings after which a batch without `keepGoing` stops. */
const BAD: readonly Ending[] = ["failed", "diverged", "interrupted"];

/**
 * Runs jobs in order, `jobs` of them at a time.
 *
 * @param run runs one job; `slot` (from 0) is its place among the jobs that run at the same time, and `left` the number of jobs that have
 * not begun
 * @returns the outcome of each job, in order; jobs after a failure are `not run`
 */
export async function runQueue<Job extends { name: string }>(
  jobs: readonly Job[],
  run: (job: Job, slot: number, left: number) => Promise<Outcome>,
  { jobs: atATime = 1, keepGoing = false, signal, onStop }: QueueOptions = {},
): Promise<Outcome[]> {
  const outcomes = new Map<Job, Outcome>();
  let next = 0;
  let stopped = false;
  const work = async (slot: number) => {
    while (next < jobs.length && !stopped) {
      const job = jobs[next++]!;
      let outcome = await run(job, slot, jobs.length - next).catch((error): Outcome => {
        if (error instanceof NotStarted) return notRun(job.name, error.message);
        throw error;
      });
      if (signal?.aborted && outcome.ending === "failed") outcome = { ...outcome, ending: "interrupted" };
      outcomes.set(job, outcome);
      const stops =
        signal?.aborted === true ||
        outcome.ending === "interrupted" ||
        outcome.ending === "not run" ||
        (!keepGoing && BAD.includes(outcome.ending));
      if (stops && !stopped) onStop?.();
      stopped ||= stops;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, jobs.length) }, (_, slot) => work(slot)));
  return jobs.map((job) => outcomes.get(job) ?? notRun(job.name));
}

/** Returns the outcome of a job that was not run. @param problem the reason, if it is a problem */
export const notRun = (name: string, problem = ""): Outcome => ({
  name,
  ending: "not run",
  seconds: 0,
  attempts: 0,
  facts: {},
  ...(problem ? { problem } : {}),
});

/** Returns the exit code: 0 when no job failed, 130 after an interrupt, otherwise 1. */
export function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ ending }) => ending === "interrupted")) return 130;
  return outcomes.every(({ ending }) => GOOD.includes(ending)) ? 0 : 1;
}
