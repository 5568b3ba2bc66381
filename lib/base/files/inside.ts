import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";

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
