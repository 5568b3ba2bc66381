import { ELEMENT_TYPES, type NumberArray } from "../base/arrays/element-types";
import { type ArrayConstructorOf, collected, type Place, type SourceArray } from "./source-array";

/** A numeric array of a session file, which is read by rows. */
export interface StoredArray extends SourceArray {
  /** The type of the values in the file, as in numpy: `uint8`, `float16`. */
  readonly dtype: string;
  /** The number of rows that the file's storage suggests to read at once. */
  readonly chunkRows: number;
  /** Reads rows `from` to `to`. Default: all. */
  read(from?: number, to?: number): NumberArray;
  /** Reads all rows. @throws ConfigError when they do not fit into memory */
  readAll(): NumberArray;
  /** Returns the value of an attribute; undefined when there is none. */
  attribute(name: string): unknown;
}

/** A group of a session file, in HDF5 or in Zarr. */
export interface StoredGroup {
  /** The names of the groups and of the arrays in it. */
  readonly groups: readonly string[];
  readonly arrays: readonly string[];
  /** Returns the value of an attribute; undefined when there is none. */
  attribute(name: string): unknown;
  /** Returns a group in it, which `groups` names. */
  group(name: string): StoredGroup;
  /** Returns a numeric array of one or more axes; undefined when there is none. */
  array(name: string): StoredArray | undefined;
}

/** Returns the number of rows that are read at once: whole chunks, of about as many bytes as `bytes`. */
export function rowsAtOnce({ shape, chunkRows }: StoredArray, rowBytes: number, bytes: number): number {
  const chunks = Math.max(1, Math.floor(bytes / Math.max(1, rowBytes * chunkRows)));
  return Math.min(shape[0]!, chunks * chunkRows);
}

/** Reads all rows of an array by its slices. @throws ConfigError when they do not fit into memory */
export function allRows(array: StoredArray, place: Place): NumberArray {
  const decoded = ELEMENT_TYPES[array.dtype]!.decode!(new Uint8Array(0));
  return collected(decoded.constructor as ArrayConstructorOf<NumberArray>, array, place);
}
