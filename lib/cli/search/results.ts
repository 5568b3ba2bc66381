import { toCsv } from "../../base/files/csv";
import { Table } from "../../base/jupyter/table";
import { duration } from "../../base/terminal/fit-line";
import type { FinishedTrial, Results, StudyOptions } from "./study";
import { trialName } from "./trial";

/** The aim of a study: the metric, and whether a higher or a lower value is better. */
export type Aim = Pick<StudyOptions, "metric" | "direction">;

/** Returns the completed trials, the best first. */
export function ranked({ trials }: Results, { direction }: Aim): FinishedTrial[] {
  const sign = direction === "minimize" ? 1 : -1;
  return trials.filter(({ state }) => state === "completed").sort((a, b) => sign * (a.value! - b.value!));
}

/** Formats the best completed trials with their parameters as a table. */
export function bestTable(results: Results, aim: Aim, rows = 10): Table {
  return new Table(
    ranked(results, aim)
      .slice(0, rows)
      .map(({ number, value, params, seconds, reported }) => ({
        trial: trialName(number),
        [aim.metric]: value!,
        ...Object.fromEntries(Object.entries(params).map(([name, each]) => [name, plain(each)])),
        epochs: reported.length,
        time: duration(seconds),
      })),
  );
}

/**
 * Formats every trial as CSV (RFC 4180): number, state, value, seconds, reported epochs, and a column for each
 * parameter.
 */
export function trialsCsv({ trials }: Results): string {
  const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))];
  const rows = trials.map(({ number, state, value, seconds, reported, params }) => [
    number,
    state,
    value ?? "",
    seconds.toFixed(1),
    reported.length,
    ...names.map((name) => plain(params[name] ?? "")),
  ]);
  return toCsv([["trial", "state", "value", "seconds", "epochs", ...names], ...rows]);
}

/** Counts the trials by state, such as `8 completed, 3 pruned, 1 failed`. */
export function countsOf({ trials }: Results): string {
  const states = ["completed", "pruned", "failed", "interrupted"] as const;
  const counts = states.map(
    (state) => [trials.filter((trial) => trial.state === state).length, state] as const,
  );
  return counts
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`)
    .join(", ");
}

const plain = (value: FinishedTrial["params"][string]) => (typeof value === "number" ? value : String(value));
