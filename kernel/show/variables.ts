import { inspect, types } from "node:util";
import { withUsersNames } from "../language/globals";
import { isTensor, tensorLine, toBundleNow } from "./bundle";

/** The most elements that are listed of a collection. */
const MOST = 100;
/** The longest text of a value, in UTF-16 units. */
const LENGTH = 200;

/**
 * Values as a debugger shows them. The sockets' thread calls these functions by V8's inspector (debugger/variables.ts).
 *
 * @param declared the global names that cells have declared
 */
export const variables = (declared: ReadonlySet<string>) => ({
  /** Returns each value as one line. */
  describe: (values: readonly unknown[]): string[] => values.map(line),

  /**
   * Returns an object whose properties are the elements of a collection or the parts of a tensor; undefined for other
   * values, whose own properties are their members.
   */
  elementsOf(value: object): object | undefined {
    if (types.isProxy(value)) return undefined;
    if (isTensor(value)) return { shape: value.shape, dtype: value.dtype, values: valuesOf(value) };
    if (value instanceof Map)
      return listed(
        value.size,
        first(value).map(([key, one]) => [line(key), one]),
      );
    if (value instanceof Set) return listed(value.size, [...first(value).entries()]);
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value)) {
      const { length } = value as ArrayLike<unknown>;
      const elements = Array.prototype.slice.call(value, 0, MOST) as unknown[];
      return { ...listed(length, [...elements.entries()]), length };
    }
    return undefined;
  },

  /** Returns the variables that cells have declared, by name. */
  ofNotebook(): object {
    const present = [...declared].filter((name) => name in globalThis);
    return Object.fromEntries(
      present.map((name) => [withUsersNames(name), (globalThis as Record<string, unknown>)[name]]),
    );
  },

  bundle: toBundleNow,
});

/** Returns an object of the first elements of a collection, and the number of the others. */
const listed = (size: number, pairs: readonly (readonly [string | number, unknown])[]): object => ({
  ...Object.fromEntries(pairs),
  ...(size > MOST && { "…": `${size - MOST} more` }),
});

/** Returns the first elements of a collection, without a copy of the others. */
function first<T>(values: Iterable<T>): T[] {
  const found: T[] = [];
  for (const one of values) {
    if (found.length === MOST) break;
    found.push(one);
  }
  return found;
}

function line(value: unknown): string {
  try {
    if (typeof value === "object" && !types.isProxy(value) && isTensor(value)) return tensorLine(value);
    const text = inspect(value, {
      depth: 1,
      maxArrayLength: 5,
      maxStringLength: LENGTH,
      breakLength: Number.POSITIVE_INFINITY,
      customInspect: false,
    });
    return text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text;
  } catch (error) {
    return `(cannot be shown: ${(error as Error).message})`;
  }
}

/** Returns the first values of a tensor, or why they cannot be read, as while a step is recorded. */
function valuesOf(tensor: { dataSync(): ArrayLike<unknown> }): unknown {
  try {
    return Array.prototype.slice.call(tensor.dataSync(), 0, MOST);
  } catch (error) {
    return (error as Error).message;
  }
}
