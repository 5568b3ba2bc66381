import { type Bundle, DISPLAY } from "./display";
import { Table } from "./table";

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
