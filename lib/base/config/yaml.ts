import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { readWhole } from "../files/slices";
import { ConfigError } from "./errors";

/** The largest file that is read, in bytes. */
const LARGEST = 32 << 20;

/** Aliases may expand a file to `MOST_EXPANDED` values. A larger expansion may have at most `MOST_TIMES` the number of values that are written. */
const MOST_EXPANDED = 100_000;
const MOST_TIMES = 10;

/** YAML 1.2 with merge keys (`<<: *base`), as in PyYAML. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * Reads one YAML document.
 *
 * @throws ConfigError when the file is missing, unreadable, too large, empty or not YAML (with the line), when an alias makes a value contain
 * itself, or when aliases expand the file too far
 */
export function readYaml(file: string): unknown {
  const text = readWhole(file, LARGEST, "a YAML file of gradbook has some kilobytes").toString("utf8");
  const problem = (path: string, message: string, cause?: unknown) =>
    new ConfigError(file, [{ path, message }], { cause });
  if (text.split(/\r?\n/).every((line) => /^\ufeff?\s*(#.*)?$/.test(line)))
    throw problem("", "the file is empty");
  let value: unknown;
  try {
    value = load(text, { filename: file, schema: SCHEMA });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const line = cause.mark ? `line ${cause.mark.line + 1}, column ${cause.mark.column + 1}: ` : "";
    throw problem("", `${line}not valid YAML: ${cause.reason}`, cause);
  }
  const cycle = cyclePath(value);
  if (cycle)
    throw problem(
      cycle,
      "this alias (*name) refers to a value that contains the alias itself; write the value out instead",
    );
  const { written, expanded } = countValues(value);
  if (expanded > MOST_EXPANDED && expanded > MOST_TIMES * written)
    throw problem(
      "",
      `its aliases (*name) make ${expanded.toLocaleString("en")} values from ${written.toLocaleString("en")} written ones; at most ${MOST_TIMES} times as many are allowed: write out the values that are needed`,
    );
  return value;
}

/** Returns the path of a value that contains itself through an alias, or undefined. */
function cyclePath(
  value: unknown,
  path: readonly string[] = [],
  ancestors: readonly unknown[] = [],
  seen = new Set<unknown>(),
): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (ancestors.includes(value)) return path.join(".");
  if (seen.has(value)) return undefined;
  seen.add(value);
  for (const [key, inner] of Object.entries(value)) {
    const found = cyclePath(inner, [...path, key], [...ancestors, value], seen);
    if (found) return found;
  }
  return undefined;
}

/** Counts the values of a value without cycles: as written, and with every alias expanded. The time is proportional to the written values. */
function countValues(root: unknown): { written: number; expanded: number } {
  const counted = new Map<object, number>();
  let written = 0;
  const count = (value: unknown): number => {
    if (typeof value === "object" && value !== null) {
      const known = counted.get(value);
      if (known !== undefined) return known;
      const inner = Object.values(value).reduce<number>((sum, part) => sum + count(part), 1);
      counted.set(value, inner);
      written++;
      return inner;
    }
    written++;
    return 1;
  };
  const expanded = count(root);
  return { expanded, written };
}

/** The location of a component's options in a configuration, so that every error can name the file and the key. */
export interface Place {
  /** The file, or the function that was called. */
  readonly where: string;
  /** Dotted key path inside it. */
  readonly path: string;
}

/** Returns the place of a key below `at`. */
export function below(at: Place, key: string | number): Place {
  return { where: at.where, path: at.path ? `${at.path}.${key}` : String(key) };
}

/** Returns the error for one problem at a place. */
export function problemAt({ where, path }: Place, message: string, options?: ErrorOptions): ConfigError {
  return new ConfigError(where, [{ path, message }], options);
}
