import { type Bundle, DISPLAY } from "./display";
import { Table } from "./table";

/** A longer value, such as a list of hundred units, is cut in a table. */
const LONGEST = 100;

/** Nested settings as a table: a row for each value, under its path, such as `optimizer.lr`. */
function settingsTable(settings: object, title = ""): Table {
  return new Table(
    settingsOf(settings).map(([key, value]) => ({ key, value: cut(value) })),
    title,
  );
}

/** Makes settings show themselves as that table. They stay plain data: copies, files and loops see their keys alone. */
export function shownAsTable<T extends object>(settings: T, title: string): T {
  const value = (): Bundle => settingsTable(settings, title)[DISPLAY]();
  return Object.defineProperty(settings, DISPLAY, { value, configurable: true });
}

/** Every value of nested settings as JSON, with its path; a list is one value unless it is of mappings. */
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
