import type { NumberArray } from "../base/arrays/element-types";
import { product } from "../base/arrays/shape";
import { ConfigError } from "../base/config";
import { bytesInWords } from "../engine/bytes";
import { memoryLimit } from "../engine/memory";

/** A numeric array of a file, in row-major order. It is read in slices, so that its values never lie in memory twice. */
export interface SourceArray {
  readonly shape: readonly number[];
  /** Whether the file has integers or booleans. */
  readonly whole: boolean;
  /** All values, if they are in memory. */
  readonly values?: ArrayLike<number>;
  /** Generates the values of consecutive rows, from the first row to the last. A slice is valid until the next one is requested. */
  slices(): Iterable<ArrayLike<number>>;
}

/** The file and the key of an array, for errors. */
export interface Place {
  readonly file: string;
  readonly key: string;
}

/** Makes a source of values that are in memory. */
export const arrayInMemory = (
  shape: readonly number[],
  values: ArrayLike<number>,
  whole: boolean,
): SourceArray => ({ shape, whole, values, slices: () => [values] });

/** The constructor of an array of numbers. */
export type ArrayConstructorOf<A> = { new (length: number): A; readonly BYTES_PER_ELEMENT: number };

/** Returns the number of values. */
export const sizeOf = ({ shape }: Pick<SourceArray, "shape">): number => product(shape);

/** Returns the rows of a table of values in memory. @param rows their number */
export function rowsOf(values: ArrayLike<number>, rows: number): number[][] {
  const columns = values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]!),
  );
}

/** Reads all values as float32. Values in memory that have this type are returned unchanged. @throws ConfigError as `allocated` */
export const asFloat32 = (source: SourceArray, place: Place): Float32Array =>
  collected(Float32Array, source, place);

/** Reads all values as float64. Values in memory that have this type are returned unchanged. @throws ConfigError as `allocated` */
export const asFloat64 = (source: SourceArray, place: Place): Float64Array =>
  collected(Float64Array, source, place);

/** Reads all values into one array. Values in memory that have this type are returned unchanged. @throws ConfigError as `allocated` */
export function collected<A extends NumberArray>(
  ArrayType: ArrayConstructorOf<A>,
  source: SourceArray,
  place: Place,
): A {
  if (source.values instanceof ArrayType) return source.values;
  const values = allocated(ArrayType, sizeOf(source), place);
  let at = 0;
  for (const slice of source.slices()) {
    values.set(slice, at);
    at += slice.length;
  }
  return values;
}

/**
 * Allocates an array in host memory.
 *
 * @throws ConfigError with the sizes when the memory of the machine, or of its container, is too small
 */
export function allocated<A>(
  ArrayType: { readonly BYTES_PER_ELEMENT: number; new (length: number): A },
  length: number,
  { file, key }: Place,
): A {
  const bytes = length * ArrayType.BYTES_PER_ELEMENT;
  const [used, limit] = [process.memoryUsage.rss(), memoryLimit()];
  const fail = (cause?: unknown) => {
    const message = `needs ${bytesInWords(bytes)} of memory; the process uses ${bytesInWords(used)}, and ${bytesInWords(limit)} may be used. Read fewer sessions or stimulus types (\`types\`), or leave the covariate out of the configuration`;
    return new ConfigError(file, [{ path: key, message }], { cause });
  };
  if (used + bytes > limit) throw fail();
  try {
    return new ArrayType(length);
  } catch (cause) {
    throw fail(cause);
  }
}
