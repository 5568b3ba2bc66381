import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import { readLines } from "../../base/files/lines";
import { numbersOf } from "../../plots/curves";
import type { Observer, TrainerEvent } from "../../protocols/events";

type Row = Map<string, string>;

/**
 * Writes a run's numbers as a table that spreadsheets, pandas and R read: a row for each report, a column for each
 * number, empty where the report has none. A resumed run continues its table.
 *
 * @example
 * new Trainer({ name: "demo", callbacks: [new CSVLogger()] }) // runs/demo/metrics.csv
 */
export class CSVLogger implements Observer {
  private path = "";
  private columns: string[] = [];
  private rows: Row[] = [];

  /** @param options.path Default: `metrics.csv` in the run's folder */
  constructor(private readonly options: { path?: string } = {}) {}

  /** Writes an event. */
  observe(event: TrainerEvent): void {
    if (event.event === "fit_start") {
      this.path = this.options.path ?? join(event.folder, "metrics.csv");
      this.columns = ["epoch", "step"];
      this.rows = [];
      if (event.resumed !== undefined && existsSync(this.path)) this.goOn(event.resumed);
      makeFolderOf(this.path);
      this.rewrite();
      return;
    }
    const numbers = numbersOf(event);
    if (!this.path || numbers.length === 0 || !("step" in event)) return;
    const row: Row = new Map(
      [["epoch", event.epoch], ["step", event.step], ...numbers].map(([name, value]) => [
        String(name),
        String(value),
      ]),
    );
    this.rows.push(row);
    const added = [...row.keys()].filter((name) => !this.columns.includes(name));
    this.columns.push(...added);
    // A new column changes every line, so the table is rewritten; this happens only a few times in a run.
    if (added.length > 0) this.rewrite();
    else appendFileSync(this.path, this.line(row));
  }

  /** Keeps the rows of an earlier part of the run, up to the step at which the run continues. */
  private goOn(resumed: number): void {
    const [head = "", ...lines] = [...readLines(this.path)].filter(Boolean);
    this.columns = [...head.matchAll(/"((?:[^"]|"")*)"|[^,]+/g)].map(
      ([name, inner]) => inner?.replaceAll('""', '"') ?? name,
    );
    const rows = lines.map(
      (line): Row => new Map(line.split(",").flatMap((cell, i) => (cell ? [[this.columns[i]!, cell]] : []))),
    );
    this.rows = rows.filter((row) => Number(row.get("step")) <= resumed);
  }

  private rewrite(): void {
    const head = `${this.columns.map(quoted).join(",")}\n`;
    writeAtomically(this.path, [head, ...this.rows.map((row) => this.line(row))]);
  }

  private line(row: Row): string {
    return `${this.columns.map((column) => row.get(column) ?? "").join(",")}\n`;
  }
}

const quoted = (name: string) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
