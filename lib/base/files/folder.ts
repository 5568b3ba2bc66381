import { closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ConfigError } from "../config";

/**
 * Creates a folder and its parents. An existing folder is accepted when it is writable.
 *
 * @throws ConfigError with the system's reason
 */
export function makeFolder(path: string): void {
  try {
    make(resolve(path));
    tryToWrite(path);
  } catch (cause) {
    const message = `cannot be made or written (${(cause as Error).message}); give a folder that you may write`;
    throw new ConfigError(path, [{ path: "", message }], { cause });
  }
}

/**
 * Creates the parent folder of a file that will be written.
 *
 * @throws ConfigError also when the path is a folder itself
 */
export function makeFolderOf(file: string): void {
  if (file === "") throw new ConfigError("a file's name", [{ path: "", message: "is empty; give one" }]);
  makeFolder(dirname(file));
  if (isFolder(file)) throw new ConfigError(file, [{ path: "", message: "is a folder; give a file's name" }]);
}

/** Creates the folders one by one. Node's recursive `mkdir` never returns on a file system that allows no folders, such as `/proc`. */
function make(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) make(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!isFolder(path)) throw error;
  }
}

/** Creates a file and removes it: root has the right to write everywhere, also where a file system accepts no files. */
function tryToWrite(folder: string): void {
  const trial = join(folder, `.${process.pid}.tmp`);
  closeSync(openSync(trial, "w"));
  rmSync(trial, { force: true });
}

/** Whether a path is a folder. */
export const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

/**
 * Returns the real path of a file inside a folder, such as a picture named by a run's events. Returns undefined unless it is a regular
 * file below the folder: `..`, absolute paths and symbolic links cannot lead out of it.
 */
export function fileInside(folder: string, path: string): string | undefined {
  try {
    const file = realpathSync(join(folder, path));
    return isBelow(realpathSync(folder), file) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path lies below a folder. Both are absolute and without symbolic links. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
