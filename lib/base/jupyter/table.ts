import { type Bundle, DISPLAY, type Displayable, display } from "./display";

/** Markup that is inserted unchanged. Create it with `html`; a caller of the constructor must ensure that the markup is safe. */
export class Html {
  constructor(readonly markup: string) {}

  /** Returns the HTML text. */
  toString(): string {
    return this.markup;
  }
}

/**
 * Builds HTML or SVG from a template. Every inserted value is escaped, also inside quoted attributes; only `Html` and lists of
 * `Html` are inserted unchanged.
 *
 * @example
 * html`<p title="${name}">${items.map((item) => html`<b>${item}</b>`)}</p>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? part : inserted(values[i - 1]) + part)).join(""));
}

/** Joins pieces of markup into one. */
export const joinHtml = (pieces: readonly Html[], between = ""): Html => new Html(pieces.join(between));

function inserted(value: unknown): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(inserted).join("");
  return escapeHtml(String(value));
}

/** Escapes text for HTML or SVG. Characters that XML does not allow become U+FFFD. */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The value of one cell of a table. */
export type Cell = string | number;

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

  /** Returns what a notebook shows for the object. */
  [DISPLAY](): Bundle {
    return { "text/html": String(this.html()), "text/plain": this.toString() };
  }
}

function text(cell: Cell | undefined): string {
  if (typeof cell !== "number") return cell ?? "";
  return Number.isInteger(cell) ? cell.toLocaleString("en") : cell.toPrecision(4);
}

/** The MIME type of recorded values in a notebook's outputs. */
export const RECORD = "application/vnd.gradbook.record+json";

/**
 * Shows values of a notebook's run as a table, and adds them to the summary of `gradbook run`.
 *
 * @example
 * record({ val_bps_overall: 0.31, seconds: run.seconds });
 */
export function record(facts: Readonly<Record<string, string | number>>): void {
  display({ ...new Table([facts])[DISPLAY](), [RECORD]: facts });
}

/** The number of characters at which a table cuts a value, such as a list of a hundred units. */
const LONGEST = 100;

/** Returns nested settings as a table, with a row for the path of each value, such as `optimizer.lr`. */
function settingsTable(settings: object, title = ""): Table {
  return new Table(
    settingsOf(settings).map(([key, value]) => ({ key, value: cut(value) })),
    title,
  );
}

/** Gives settings a rich display as that table. They stay plain data: copies, files and loops see only their own keys. */
export function shownAsTable<T extends object>(settings: T, title: string): T {
  const value = (): Bundle => settingsTable(settings, title)[DISPLAY]();
  return Object.defineProperty(settings, DISPLAY, { value, configurable: true });
}

/** Returns the path and the JSON of every value in nested settings. A list counts as one value unless it holds mappings. */
export function settingsOf(value: unknown, path = ""): [string, string][] {
  const isMapping = value !== null && typeof value === "object" && !Array.isArray(value);
  const isListOfMappings =
    Array.isArray(value) && value.some((item) => item !== null && typeof item === "object");
  if (!isMapping && !isListOfMappings) return [[path, JSON.stringify(value) ?? "–"]];
  return Object.entries(value as object).flatMap(([key, inner]) =>
    settingsOf(inner, path ? `${path}.${key}` : key),
  );
}

const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
