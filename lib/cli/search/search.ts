import type { Share } from "../sweeps/placement";
import { type Outcome, runQueue } from "../sweeps/queue";
import { runTrial, type TrialSetting, trialName } from "./trial";

/** The limits of a search. */
export interface SearchLimits {
  /** The total number of trials of the study, including those of earlier calls. */
  trials: number;
  /** The part of them that this process runs, while others run the rest. Default: all. */
  share?: Share | undefined;
  /** The number of trials that run at a time. */
  jobs: number;
  /** The number of seconds after which no trial starts. Default: no limit. */
  timeout?: number | undefined;
}

/** The number of first trials after which the search ends if all have failed, because they share a mistake. */
const FAILURES = 3;

/** Returns the number of trials of a study that remain to this process. */
export function trialsLeft({ study }: Pick<TrialSetting, "study">, { trials, share }: SearchLimits): number {
  const { index, of } = share ?? { index: 0, of: 1 };
  return Math.max(0, Math.ceil((Math.min(trials, study.points) - index) / of) - study.finished);
}

/**
 * Runs the remaining trials of a study: Optuna proposes the parameters of each trial when it starts. A failed trial
 * does not end the search, unless the first three all fail.
 *
 * @returns the outcome of each trial that ran, or that the cluster refused
 */
export async function search(setting: TrialSetting, limits: SearchLimits): Promise<Outcome[]> {
  const { study, signal } = setting;
  const { jobs, timeout = Number.POSITIVE_INFINITY } = limits;
  const began = performance.now();
  const turns = Array.from({ length: trialsLeft(setting, limits) }, (_, i) => ({ name: `turn ${i}` }));
  let failures = 0;
  let successes = study.finished;
  const outcomes = await runQueue(
    turns,
    async ({ name }) => {
      const isLate = performance.now() - began > timeout * 1000;
      const isHopeless = successes === 0 && failures >= FAILURES;
      const trial = isLate || isHopeless ? undefined : await study.ask();
      if (!trial) return { name, ending: "not run", seconds: 0, attempts: 0, facts: {} };
      const outcome = await runTrial({ ...trial, name: trialName(trial.number) }, setting);
      if (outcome.ending === "failed") failures++;
      else successes++;
      return outcome;
    },
    { jobs, keepGoing: true, signal },
  );
  return outcomes.filter(({ ending, problem }) => ending !== "not run" || problem);
}
