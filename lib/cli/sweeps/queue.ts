/** How a job ended. */
export type Ending = "completed" | "pruned" | "failed" | "diverged" | "interrupted" | "skipped" | "not run";

/** What came of one job of a batch. */
export interface Outcome {
  name: string;
  ending: Ending;
  seconds: number;
  /** How often it was started. */
  attempts: number;
  /** Numbers and words for the summary, such as a score. */
  facts: Readonly<Record<string, string | number>>;
  /** Why it failed, for people. */
  problem?: string;
}

export interface QueueOptions {
  /** How many at a time. Default 1. */
  jobs?: number;
  /** Go on after a failure. Default false: those that have not begun are not run. */
  keepGoing?: boolean;
  /** Once it is aborted nothing more begins, and what then ends otherwise than well was interrupted. */
  signal?: AbortSignal;
}

/** Endings that are no failures. */
export const GOOD: readonly Ending[] = ["completed", "pruned", "skipped"];

/** Endings after which a batch without `keepGoing` stops. */
const BAD: readonly Ending[] = ["failed", "diverged", "interrupted"];

/**
 * Runs jobs, so many at a time, in their order.
 *
 * @param run one job; `slot` (from 0) is its place among those that run at the same time
 * @returns what came of each, in the order of the jobs; those after a failure are `not run`
 */
export async function runQueue<Job extends { name: string }>(
  jobs: readonly Job[],
  run: (job: Job, slot: number) => Promise<Outcome>,
  { jobs: atATime = 1, keepGoing = false, signal }: QueueOptions = {},
): Promise<Outcome[]> {
  const outcomes = new Map<Job, Outcome>();
  let next = 0;
  let stopped = false;
  const work = async (slot: number) => {
    while (next < jobs.length && !stopped) {
      const job = jobs[next++]!;
      let outcome = await run(job, slot);
      if (signal?.aborted && outcome.ending === "failed") outcome = { ...outcome, ending: "interrupted" };
      outcomes.set(job, outcome);
      stopped ||=
        signal?.aborted === true ||
        outcome.ending === "interrupted" ||
        (!keepGoing && BAD.includes(outcome.ending));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, jobs.length) }, (_, slot) => work(slot)));
  return jobs.map(
    (job) => outcomes.get(job) ?? { name: job.name, ending: "not run", seconds: 0, attempts: 0, facts: {} },
  );
}

/** 0 when nothing failed, 130 when somebody interrupted, else 1. */
export function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ ending }) => ending === "interrupted")) return 130;
  return outcomes.every(({ ending }) => GOOD.includes(ending)) ? 0 : 1;
}
