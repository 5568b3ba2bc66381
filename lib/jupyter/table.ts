import { type Bundle, DISPLAY, type Displayable } from "./display";
import { escapeHtml } from "./escape";

type Cell = string | number;

/** Rows of one kind as a table: HTML in a notebook, aligned text in a terminal. */
export class Table implements Displayable {
  private readonly columns: string[];

  constructor(
    readonly rows: readonly Readonly<Record<string, Cell>>[],
    readonly title = "",
  ) {
    this.columns = Object.keys(rows[0] ?? {});
  }

  toString(): string {
    const lines = [this.columns, ...this.rows.map((row) => this.columns.map((column) => text(row[column])))];
    const widths = this.columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
    const numeric = this.columns.map((column) => this.rows.every((row) => typeof row[column] === "number"));
    const align = (cell: string, i: number) =>
      numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
    const body = lines.map((line) => line.map(align).join("  ").trimEnd()).join("\n");
    return this.title ? `${this.title}\n${body}` : body;
  }

  [DISPLAY](): Bundle {
    const row = (cells: string[], tag: string) =>
      `<tr>${cells.map((c) => `<${tag}>${escapeHtml(c)}</${tag}>`).join("")}</tr>`;
    const head = row(this.columns, "th");
    const body = this.rows
      .map((r) =>
        row(
          this.columns.map((column) => text(r[column])),
          "td",
        ),
      )
      .join("");
    const caption = this.title ? `<caption>${escapeHtml(this.title)}</caption>` : "";
    const html = `<table>${caption}<thead>${head}</thead><tbody>${body}</tbody></table>`;
    return { "text/html": html, "text/plain": this.toString() };
  }
}

function text(cell: Cell | undefined): string {
  if (typeof cell !== "number") return cell ?? "";
  return Number.isInteger(cell) ? cell.toLocaleString("en") : cell.toPrecision(4);
}
