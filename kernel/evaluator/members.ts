import { types } from "node:util";
import type { Completions } from "../language/language";

/** A path of properties, such as `config.model`, and the first letters of the next one. */
const PATH =
  /(?<![\p{ID_Continue}$.)\]"'`])([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\??\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)\??\.([\p{ID_Continue}$]*)$/u;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** The most names that are added. */
const MOST = 500;

/**
 * Adds the members of a value that its type does not name, such as those of a value of type `any`, from the running value.
 *
 * @param before the text before the cursor
 */
export function withMembers(found: Completions, before: string): Completions {
  const [, path, typed = ""] = PATH.exec(before) ?? [];
  const value = path === undefined ? undefined : valueAt(path.split(/\??\./));
  if (value === undefined || value === null) return found;
  const wanted = typed.toLowerCase();
  const added = membersOf(value)
    .filter((name) => name.toLowerCase().startsWith(wanted) && !found.matches.includes(name))
    .filter((name) => wanted.startsWith("_") || !name.startsWith("_"))
    .slice(0, MOST);
  const { cursor_end: end } = found;
  const start = end - [...typed].length;
  const kinds = added.map((text) => ({ text, type: "property", start, end }));
  return {
    ...found,
    matches: [...found.matches, ...added],
    cursor_start: start,
    metadata: { _jupyter_types_experimental: [...found.metadata._jupyter_types_experimental, ...kinds] },
  };
}

/** Returns the value of a path of global variables and properties. Getters are not called, because they may have effects. */
function valueAt([first, ...rest]: readonly string[]): unknown {
  let value: unknown = (globalThis as Record<string, unknown>)[first!];
  for (const name of rest) {
    if (value === undefined || value === null || types.isProxy(value)) return undefined;
    let place: object | null = Object(value) as object;
    while (place && !Object.hasOwn(place, name)) place = Object.getPrototypeOf(place) as object | null;
    value = place ? Object.getOwnPropertyDescriptor(place, name)?.value : undefined;
  }
  return types.isProxy(value) ? undefined : value;
}

function membersOf(value: unknown): string[] {
  const names = new Set<string>();
  let place: object | null = Object(value) as object;
  for (; place && place !== Object.prototype; place = Object.getPrototypeOf(place) as object | null)
    for (const name of Object.getOwnPropertyNames(place))
      if (NAME.test(name) && name !== "constructor") names.add(name);
  return [...names].sort();
}
