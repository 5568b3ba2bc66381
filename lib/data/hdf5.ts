import { existsSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../base/config";
import { isBelow } from "../base/files/folder";

/** A dataset with values in row-major order. */
export interface Hdf5Array {
  shape: number[];
  values: Uint8Array | Int32Array | Float32Array | Float64Array;
}

const DTYPES = { Uint8Array: "<B", Int32Array: "<i", Float32Array: "<f", Float64Array: "<d" } as const;
/** The number of frames of a chunk: some hundred kilobytes for a stimulus movie. */
const CHUNK = 256;

/** The state of a read: the folder of the file, and refused references to files outside it. */
interface Reading {
  readonly folder: string;
  readonly refused: string[];
}

let reading: Reading | undefined;
let library: Promise<typeof import("h5wasm/node").default> | undefined;

function hdf5() {
  library ??= load();
  return library;
}

async function load() {
  const { default: library, ready } = await import("h5wasm/node");
  const wasm = await ready;
  // Without this handler, HDF5 only prints its own messages, and reads continue without data.
  wasm.activate_throwing_error_handler();
  fenceReads(wasm.FS as unknown as FileSystem);
  return library;
}

/** The part of Emscripten's file system with which HDF5 opens files. */
interface FileSystem {
  open(path: string, ...how: unknown[]): unknown;
  ErrnoError: new (code: number) => Error;
}

/** WASI's number of "permission denied". */
const EACCES = 2;

/** Prevents reads outside the folder of the file: external links, external storage and virtual datasets can name any file. */
function fenceReads(files: FileSystem): void {
  const open = files.open;
  files.open = (path, ...how) => {
    if (reading && existsSync(path) && !isBelow(reading.folder, realpathSync(path))) {
      reading.refused.push(path);
      throw new files.ErrnoError(EACCES);
    }
    return open.call(files, path, ...how);
  };
}

/**
 * Opens a file for reading, and closes it afterwards.
 *
 * @param missing advice for a missing file; part of the error
 * @throws ConfigError that names the file
 */
export async function readHdf5<T>(path: string, missing: string, read: (file: File) => T): Promise<T> {
  const fail = (message: string, cause?: unknown) =>
    new ConfigError(path, [{ path: "", message }], { cause });
  if (!existsSync(path)) throw fail(`no such file; ${missing}`);
  const { File } = await hdf5();
  let file: File | undefined;
  const refused: string[] = [];
  const refusal = () =>
    fail(
      `refers to ${refused[0]}, outside its own folder: such files are not read; put them beside it, or copy the data into it (h5repack, h5py)`,
    );
  try {
    // The file itself may be a link; the files that it refers to must lie below its real folder.
    const own = realpathSync(path);
    reading = { folder: dirname(own), refused };
    file = new File(own, "r");
    const result = read(file);
    if (refused.length > 0) throw refusal();
    return result;
  } catch (cause) {
    if (refused.length > 0) throw refusal();
    if (cause instanceof ConfigError) throw cause;
    const reason = String((cause as Error).message);
    // For a damaged file, HDF5 may also return a type or a size that is invalid in JavaScript.
    if (!(cause instanceof Error))
      throw fail("is damaged and cannot be read; copy or simulate it again", cause);
    if (/Float16 not supported/.test(reason))
      throw fail("holds a covariate in float16, which is not supported; write it as float32", cause);
    if (/truncated/.test(reason)) throw fail("is cut off; copy or simulate it again", cause);
    if (/signature not found|Not an HDF5/.test(reason))
      throw fail("is not an HDF5 file; check the path", cause);
    throw fail("is damaged and cannot be read; copy or simulate it again", cause);
  } finally {
    reading = undefined;
    file?.close();
  }
}

/** Writes a file atomically: writes it beside `path` and renames it, so that readers never see a partial file. */
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
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const reason = systemReason(cause instanceof Error ? cause.message : String(cause));
    const message = `cannot be written (${reason}); if the disk is full, make room, or give another folder`;
    throw new ConfigError(path, [{ path: "", message }], { cause });
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Returns the system's reason from HDF5's stack of errors (`No space left on device`), or else the stack's first error. */
const systemReason = (text: string) =>
  /error message = '([^']+)'/.exec(text)?.[1] ?? /#000: .*?\): (.*)/.exec(text)?.[1] ?? text;

/** Writes a dataset, compressed and in chunks of frames if there are many. */
export function putArray(group: Group, name: string, { shape, values }: Hdf5Array): void {
  const chunks = shape[0]! > CHUNK ? { chunks: [CHUNK, ...shape.slice(1)], compression: 1 } : {};
  const dtype = DTYPES[values.constructor.name as keyof typeof DTYPES];
  group.create_dataset({ name, data: values, shape, dtype, ...chunks });
}

/** Reads a numeric dataset; returns undefined if the group does not have it. */
export function getArray(
  group: Group,
  name: string,
): { shape: number[]; values: ArrayLike<number>; bigints: boolean } | undefined {
  const found = group.get(name);
  if (!found || !("shape" in found) || !found.shape) return undefined;
  const { value } = found;
  if (!ArrayBuffer.isView(value)) return undefined;
  // 64-bit integers, which numpy writes by default, are read as BigInt.
  const bigints = value instanceof BigInt64Array || value instanceof BigUint64Array;
  const values = bigints ? Float64Array.from(value, Number) : (value as Uint8Array);
  return { shape: found.shape, values, bigints };
}
