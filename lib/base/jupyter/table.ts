import { type Bundle, DISPLAY, type Displayable } from "./display";
import { type Html, html } from "./html";

type Cell = string | number;

/** A table of rows: HTML in a notebook, aligned text in a terminal. */
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

  /** Returns the table as an HTML element. */
  html(): Html {
    const head = this.columns.map((column) => html`<th>${column}</th>`);
    const body = this.rows.map((row) => {
      const cells = this.columns.map((column) => html`<td>${text(row[column])}</td>`);
      return html`<tr>${cells}</tr>`;
    });
    const caption = this.title ? html`<caption>${this.title}</caption>` : "";
    return html`<table>${caption}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
  }

  [DISPLAY](): Bundle {
    return { "text/html": String(this.html()), "text/plain": this.toString() };
  }
}

function text(cell: Cell | undefined): string {
  if (typeof cell !== "number") return cell ?? "";
  return Number.isInteger(cell) ? cell.toLocaleString("en") : cell.toPrecision(4);
}
