import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isBelow } from "../base/files/folder";

type Library = typeof import("h5wasm/node");

let library: Promise<Library> | undefined;
let loaded: Library | undefined;

/** Loads h5wasm, with the filters of h5wasm-plugins. */
export async function hdf5(): Promise<Library> {
  library ??= load();
  return library;
}

/** Returns h5wasm, which `hdf5` has loaded. */
export const hdf5Library = (): Library => loaded!;

async function load(): Promise<Library> {
  const library = await import("h5wasm/node");
  const functions = await library.ready;
  // Without this handler, HDF5 only prints its own messages, and reads continue without data.
  functions.activate_throwing_error_handler();
  if (hdf5Plugins) functions.insert_plugin_search_path(hdf5Plugins, 0);
  fenceReads(functions.FS as unknown as FileSystem);
  loaded = library;
  return library;
}

/** The folder of the filters, which HDF5 loads when a dataset needs one; undefined where optional dependencies are not installed. */
export const hdf5Plugins = pluginsFolder();

function pluginsFolder(): string | undefined {
  try {
    return join(dirname(realpathSync(createRequire(__filename).resolve("h5wasm-plugins"))), "plugins");
  } catch {
    return undefined;
  }
}

/** The part of Emscripten's file system with which HDF5 opens files. */
interface FileSystem {
  open(path: string, ...how: unknown[]): unknown;
  ErrnoError: new (code: number) => Error;
}

/** WASI's number of "permission denied". */
const EACCES = 2;

/** A file that is read now: its path, its real folder, and the refused references to files outside it. */
export interface Reading {
  readonly file: string;
  readonly folder: string;
  readonly refused: string[];
}

let reading: Reading | undefined;

/** Returns the file that is read now; undefined while a file is written. */
export const fileBeingRead = (): Reading | undefined => reading;

/** Prevents reads outside the folder of the file: external links, external storage and virtual datasets can name any file. */
function fenceReads(files: FileSystem): void {
  const open = files.open;
  files.open = (path, ...how) => {
    if (reading && existsSync(path) && !mayOpen(realpathSync(path), reading)) {
      reading.refused.push(path);
      throw new files.ErrnoError(EACCES);
    }
    return open.call(files, path, ...how);
  };
}

const mayOpen = (path: string, { folder }: Reading) =>
  isBelow(folder, path) || path === hdf5Plugins || isBelow(hdf5Plugins ?? folder, path);

/** Runs a function during which HDF5 opens only files below the folder of the file that is read. */
export function whileReading<T>(file: Reading, read: () => T): T {
  const before = reading;
  reading = file;
  try {
    return read();
  } finally {
    reading = before;
  }
}
