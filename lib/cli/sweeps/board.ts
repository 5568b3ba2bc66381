import { MultiBar, type Options, type Params, type SingleBar } from "cli-progress";
import { toCsv } from "../../base/files/csv";
import { Table } from "../../base/jupyter/table";
import { bar, fitLine, shorten } from "../../base/terminal/fit-line";
import { seconds } from "../setup";
import { GOOD, type Outcome } from "./queue";

/** The stream for progress output, such as `process.stderr`. */
export interface BoardOutput extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}

/** The last report of a job: a text, or a function that returns a whole line of at most `width` columns. */
export type JobReport = string | ((width: number) => string);

/** The displayed state of a job. */
interface Shown {
  name: string;
  report: JobReport;
}

const [NAME_WIDTH, BAR_WIDTH] = [24, 12];

/**
 * Shows the progress of a batch's jobs: in a terminal one line per running job, updated in place; elsewhere lines one
 * after another.
 */
export class Board {
  private readonly bars: MultiBar | undefined;
  private readonly running = new Map<string, SingleBar>();
  private readonly begun = new Set<string>();
  private ended = 0;

  constructor(
    private readonly total: number,
    private readonly out: BoardOutput = process.stderr,
  ) {
    if (out.isTTY)
      this.bars = new MultiBar({
        format: (_options: Options, { progress }: Params, shown: Shown) =>
          jobLine(shown, progress, (out.columns ?? 80) - 1),
        stream: out,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      });
  }

  /** Shows that a job has begun. A job that begins again stays as it is. */
  begin(name: string): void {
    if (this.begun.has(name)) return;
    this.begun.add(name);
    const bar = this.bars?.create(100, 0, { name, report: "" } satisfies Shown);
    if (bar) this.running.set(name, bar);
    else this.out.write(`- ${name} ...\n`);
  }

  /** @param share from 0 to 1 */
  at(name: string, share: number): void {
    this.running.get(name)?.update(Math.round(100 * share));
  }

  /** Shows the last report of a job. */
  now(name: string, report: JobReport): void {
    this.running.get(name)?.update({ report });
  }

  /** Shows a report of a job that is also written to a log. */
  note(name: string, report: JobReport): void {
    this.now(name, report);
    if (!this.bars) this.out.write(`  ${name}: ${textOf(report, Number.POSITIVE_INFINITY)}\n`);
  }

  end({ name, ending, seconds }: Outcome): void {
    this.ended++;
    const bar = this.running.get(name);
    if (bar) this.bars?.remove(bar);
    this.running.delete(name);
    const mark = GOOD.includes(ending) ? "✓" : "✗";
    const took = seconds > 0 ? ` (${seconds.toFixed(1)} s)` : "";
    this.say(`${mark} ${name}: ${ending}${took}, ${this.ended} of ${this.total}`);
  }

  /** Shows a line that stays. */
  say(text: string): void {
    if (this.bars) this.bars.log(`${text}\n`);
    else this.out.write(`${text}\n`);
  }

  close(): void {
    this.bars?.stop();
  }
}

/** Returns the line of a job: its name, its last report, and a bar if there is space. */
export function jobLine({ name, report }: Shown, share: number, width: number): string {
  const head = shorten(name, NAME_WIDTH);
  const parts = [
    { text: head, rank: 0 },
    { text: textOf(report, width - head.length - 2), rank: 1 },
  ];
  // A complete line has its own bar.
  if (typeof report === "string") parts.push({ text: bar(share, BAR_WIDTH), rank: 2 });
  return fitLine(parts, width);
}

const textOf = (report: JobReport, width: number) =>
  typeof report === "string" ? shorten(report, width) : report(width);

/** Formats one row for each job as a table. */
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

/** Formats one row for each job as CSV (RFC 4180), with a column for each parameter and each number. */
export function summaryCsv(outcomes: readonly Outcome[]): string {
  const facts = factNames(outcomes);
  const rows = outcomes.map(({ name, ending, seconds: time, attempts, facts: known, problem = "" }) => [
    name,
    ending,
    time.toFixed(1),
    attempts,
    ...facts.map((fact) => known[fact] ?? ""),
    problem,
  ]);
  return toCsv([["run", "ending", "seconds", "attempts", ...facts, "problem"], ...rows]);
}

/** Returns the names in the order in which they first appear. */
const factNames = (outcomes: readonly Outcome[]) => [
  ...new Set(outcomes.flatMap(({ facts }) => Object.keys(facts))),
];
