import { existsSync, renameSync, rmSync } from "node:fs";
import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../config";

/** A dataset as it is written and read: values row by row. */
export interface Hdf5Array {
  shape: number[];
  values: Uint8Array | Int32Array | Float32Array | Float64Array;
}

const DTYPES = { Uint8Array: "<B", Int32Array: "<i", Float32Array: "<f", Float64Array: "<d" } as const;
/** Frames of a chunk: some hundred kilobytes for a stimulus movie. */
const CHUNK = 256;

async function hdf5() {
  const { default: library, ready } = await import("h5wasm/node");
  const wasm = await ready;
  // Otherwise HDF5 prints its own stack of messages, and reads go on with nothing.
  wasm.activate_throwing_error_handler();
  return library;
}

/**
 * Opens a file to read, and closes it again.
 *
 * @param missing what to do when there is no such file; part of the error
 * @throws ConfigError that names the file
 */
export async function readHdf5<T>(path: string, missing: string, read: (file: File) => T): Promise<T> {
  const fail = (message: string, cause?: unknown) =>
    new ConfigError(path, [{ path: "", message }], { cause });
  if (!existsSync(path)) throw fail(`no such file; ${missing}`);
  const { File } = await hdf5();
  let file: File | undefined;
  try {
    file = new File(path, "r");
    return read(file);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const reason = String((cause as Error).message);
    // What HDF5 reads of a damaged file may also be a type or a size that makes no sense to JavaScript.
    if (!(cause instanceof Error))
      throw fail("is damaged and cannot be read; copy or simulate it again", cause);
    if (/Float16 not supported/.test(reason))
      throw fail("holds a covariate in float16, which is not read; write it as float32", cause);
    if (/truncated/.test(reason)) throw fail("is cut off; copy or simulate it again", cause);
    if (/signature not found|Not an HDF5/.test(reason))
      throw fail("is not an HDF5 file; check the path", cause);
    throw fail("is damaged and cannot be read; copy or simulate it again", cause);
  } finally {
    file?.close();
  }
}

/** Writes a file beside `path` and renames it, so that it is never seen half-written. */
export async function writeHdf5(path: string, write: (file: File) => void): Promise<void> {
  const { File } = await hdf5();
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const file = new File(beside, "w");
    try {
      write(file);
    } finally {
      file.close();
    }
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Writes a dataset, compressed and in chunks of frames where there are many. */
export function putArray(group: Group, name: string, { shape, values }: Hdf5Array): void {
  const chunks = shape[0]! > CHUNK ? { chunks: [CHUNK, ...shape.slice(1)], compression: 1 } : {};
  const dtype = DTYPES[values.constructor.name as keyof typeof DTYPES];
  group.create_dataset({ name, data: values, shape, dtype, ...chunks });
}

/** Reads a numeric dataset, or undefined when the group has none of that name. */
export function getArray(
  group: Group,
  name: string,
): { shape: number[]; values: ArrayLike<number>; bigints: boolean } | undefined {
  const found = group.get(name);
  if (!found || !("shape" in found) || !found.shape) return undefined;
  const { value } = found;
  if (!ArrayBuffer.isView(value)) return undefined;
  // Whole numbers of 64 bits, which numpy writes by default, come as BigInt.
  const bigints = value instanceof BigInt64Array || value instanceof BigUint64Array;
  const values = bigints ? Float64Array.from(value, Number) : (value as Uint8Array);
  return { shape: found.shape, values, bigints };
}
