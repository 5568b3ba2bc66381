import { NumpyValues } from "./numpy-values";

/** The deepest nesting, and the largest number of values. A pickle may contain itself, or the same list many times. */
const DEEPEST = 64;
const MOST = 1_000_000;

/**
 * Converts a value of a pickle, such as a configuration, to plain data: objects, arrays, numbers, text, booleans and null.
 *
 * @throws RangeError for a tensor, bytes or a large integer, and for a value that is too deep or too large
 */
export function plain(value: unknown): unknown {
  let count = 0;
  const convert = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST || ++count > MOST) throw new RangeError("is nested too deeply, or too large");
    const each = (values: Iterable<unknown>) => Array.from(values, (item) => convert(item, depth + 1));
    if (value instanceof Map) {
      const entries = [...value].map(([key, item]) => [String(key), convert(item, depth + 1)]);
      return Object.fromEntries(entries) as Record<string, unknown>;
    }
    if (Array.isArray(value) || value instanceof Set) return each(value);
    if (value instanceof NumpyValues) return each(value.values);
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
    throw new RangeError(
      `holds ${value instanceof Object ? value.constructor.name : `${value}`}, which is not a plain value`,
    );
  };
  return convert(value, 0);
}
