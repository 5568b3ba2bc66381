import type { Note } from "./notes";

const isObject = (value: unknown): value is Mapping => value !== null && typeof value === "object";

/** A mapping of a configuration before it is checked. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping. */
export const isMapping = (value: unknown): value is Mapping => isObject(value) && !Array.isArray(value);

/** Returns a mapping unchanged, and an empty one for any other value, whose problem a schema reports. */
export const asMapping = (value: unknown): Mapping => (isMapping(value) ? value : {});

/** Merges two mappings: deeply for mappings, while any other value of `over` replaces that of `base`. */
export function merged(base: Mapping, over: Mapping): Mapping {
  const both = Object.entries(over).map(([key, value]) => {
    const before = base[key];
    return [key, isMapping(value) && isMapping(before) ? merged(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(both) };
}

/** Keys that a reader of configurations ignores in some of their mappings. */
export interface IgnoredKeys {
  /** Matches the dotted paths of the mappings, such as `convnet.params`; the path of the whole configuration is empty. */
  readonly at: RegExp;
  readonly keys: readonly string[];
  /** Whether the keys are ignored in this mapping. Default: always. */
  readonly when?: (mapping: Mapping) => boolean;
}

const below = (path: string, key: string) => (path ? `${path}.${key}` : key);

/** Returns the keys of one mapping that the rules name. */
function keysIn(mapping: Mapping, path: string, rules: readonly IgnoredKeys[]): string[] {
  const named = rules.filter(({ at, when }) => at.test(path) && (when?.(mapping) ?? true));
  return Object.keys(mapping).filter((key) => named.some(({ keys }) => keys.includes(key)));
}

/** Returns the dotted paths of all keys of a configuration that the rules name. */
export function keysAt(value: unknown, rules: readonly IgnoredKeys[], path = ""): string[] {
  if (!isObject(value)) return [];
  const own = Array.isArray(value) ? [] : keysIn(value, path, rules);
  const inner = Object.entries(value).flatMap(([key, each]) => keysAt(each, rules, below(path, key)));
  return [...own.map((key) => below(path, key)), ...inner];
}

/**
 * Copies a configuration without the keys that are ignored.
 *
 * @param reason says who ignores the keys; it is the message of each key's note
 * @param where the file, for the notes
 */
export function withoutIgnoredKeys(
  value: unknown,
  ignored: readonly IgnoredKeys[],
  { reason, where }: { reason: string; where: string },
): { value: unknown; notes: Note[] } {
  const paths = keysAt(value, ignored);
  const copy = (inner: unknown, path: string): unknown => {
    if (!isObject(inner)) return inner;
    if (Array.isArray(inner)) return inner.map((each, i) => copy(each, below(path, String(i))));
    const kept = Object.entries(inner).filter(([key]) => !paths.includes(below(path, key)));
    return Object.fromEntries(kept.map(([key, each]) => [key, copy(each, below(path, key))]));
  };
  return {
    value: paths.length > 0 ? copy(value, "") : value,
    notes: paths.map((path) => ({ where, path, message: reason })),
  };
}
