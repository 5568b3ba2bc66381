import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Dataset, File, Group } from "h5wasm/node";
import type { NumberArray } from "../base/arrays/element-types";
import { ConfigError } from "../base/config";
import { openDataset, UnreadableDataset } from "./hdf5-dataset";
import { hdf5, hdf5Library, type Reading, whileReading } from "./hdf5-library";

/** A dataset with values in row-major order. */
export interface Hdf5Array {
  shape: number[];
  values: Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array;
}

const DTYPES = {
  Uint8Array: "<B",
  Uint16Array: "<H",
  Int32Array: "<i",
  Float32Array: "<f",
  Float64Array: "<d",
} as const;
/** The number of frames of a chunk: some hundred kilobytes for a stimulus movie. */
const CHUNK = 256;

/**
 * Opens a file for reading, and closes it afterwards.
 *
 * @param missing advice for a missing file; part of the error
 * @throws ConfigError that names the file
 */
export async function readHdf5<T>(path: string, missing: string, read: (file: File) => T): Promise<T> {
  await hdf5();
  const file = new OpenHdf5(path, missing);
  try {
    return file.read(read);
  } finally {
    file.close();
  }
}

/** A file that is open for reading. */
export class OpenHdf5 {
  private readonly reading: Reading;
  private file: File | undefined;

  /**
   * Opens a file. `hdf5` must have loaded the library.
   *
   * @throws ConfigError that names the file
   */
  constructor(
    private readonly path: string,
    missing: string,
  ) {
    if (!existsSync(path)) throw problemIn(path, `no such file; ${missing}`);
    // The file itself may be a link; the files that it refers to must lie below its real folder.
    const own = realpathSync(path);
    this.reading = { file: path, folder: dirname(own), refused: [] };
    this.read(() => {
      this.file = new (hdf5Library().File)(own, "r");
    });
  }

  /** Runs a function that reads from the file. @throws ConfigError that names the file */
  read<T>(read: (file: File) => T): T {
    const { path, reading } = this;
    return whileReading(reading, () => {
      try {
        const result = read(this.file!);
        refuseOutside(path, reading);
        return result;
      } catch (cause) {
        refuseOutside(path, reading);
        if (cause instanceof ConfigError) throw cause;
        throw explained(path, cause);
      }
    });
  }

  close(): void {
    this.file?.close();
  }
}

const problemIn = (path: string, message: string, cause?: unknown) =>
  new ConfigError(path, [{ path: "", message }], { cause });

function refuseOutside(path: string, { refused: [outside] }: Reading): void {
  if (outside === undefined) return;
  const message = `refers to ${outside}, outside its own folder: such files are not read; put them beside it, or copy the data into it (h5repack, h5py)`;
  throw problemIn(path, message);
}

/** Returns the error for a failed read, in words of the user's file. */
function explained(path: string, cause: unknown): ConfigError {
  if (cause instanceof UnreadableDataset)
    return new ConfigError(path, [{ path: cause.dataset.replace(/^\//, ""), message: cause.message }], {
      cause,
    });
  const reason = cause instanceof Error ? cause.message : "";
  const problem = (message: string) => problemIn(path, message, cause);
  if (statSync(path).isDirectory()) return problem("is a folder; give an HDF5 file");
  const ofSystem = /error message = '([^']+)'/.exec(reason)?.[1];
  if (ofSystem && !/truncated/.test(reason)) return problem(`cannot be read (${ofSystem})`);
  if (/unable to allocate|memory allocation failed|Memory allocation of|exceeds maximum memory/i.test(reason))
    return problem(
      "needs more memory than HDF5's reader has (2 GiB); store its datasets in smaller chunks (h5repack -l CHUNK=...)",
    );
  if (/truncated/.test(reason)) return problem("is cut off; copy or simulate it again");
  if (/signature not found|Not an HDF5/.test(reason)) return problem("is not an HDF5 file; check the path");
  // For a damaged file, HDF5 may also return a type or a size that is invalid in JavaScript, or throw a number.
  return problem("is damaged and cannot be read; copy or simulate it again");
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

/** Writes a dataset, compressed and in chunks of frames if there are many. @returns the dataset */
export function putArray(group: Group, name: string, { shape, values }: Hdf5Array): Dataset {
  const chunks = shape[0]! > CHUNK ? { chunks: [CHUNK, ...shape.slice(1)], compression: 1 } : {};
  const dtype = DTYPES[values.constructor.name as keyof typeof DTYPES];
  return group.create_dataset({ name, data: values, shape, dtype, ...chunks });
}

/** Reads a numeric dataset as a whole; returns undefined if the group does not have it. 64-bit integers become float64. */
export function getArray(group: Group, name: string): { shape: number[]; values: NumberArray } | undefined {
  const found = openDataset(group, name);
  return found && { shape: [...found.shape], values: found.readAll() };
}
