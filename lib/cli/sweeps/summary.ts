import { Table } from "../../base/jupyter";
import { seconds } from "../setup";
import type { Outcome } from "./queue";

/** One row for each job, for people. */
export function summaryTable(outcomes: readonly Outcome[]): Table {
  const facts = factNames(outcomes);
  return new Table(
    outcomes.map(({ name, ending, seconds: time, facts: known }) => ({
      run: name,
      ending,
      time: time > 0 ? seconds(time) : "",
      ...Object.fromEntries(facts.map((fact) => [fact, known[fact] ?? ""])),
    })),
  );
}

/** Makes a CSV file (RFC 4180) for programs: a row for each job, a column for each parameter and each number. */
export function summaryCsv(outcomes: readonly Outcome[]): string {
  const facts = factNames(outcomes);
  const rows = outcomes.map(({ name, ending, seconds: time, attempts, facts: known, problem = "" }) => [
    ...[name, ending, time.toFixed(1), attempts],
    ...facts.map((fact) => known[fact] ?? ""),
    problem,
  ]);
  return toCsv([["run", "ending", "seconds", "attempts", ...facts, "problem"], ...rows]);
}

/** Rows as a CSV file (RFC 4180). */
export const toCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;

/** Returns the names in the order in which they first appear. */
const factNames = (outcomes: readonly Outcome[]) => [
  ...new Set(outcomes.flatMap(({ facts }) => Object.keys(facts))),
];

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
