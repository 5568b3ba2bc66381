/** Markup that is inserted unchanged. Create it with `html`; a caller of the constructor must ensure that the markup is safe. */
export class Html {
  constructor(readonly markup: string) {}

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
