import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { ConfigError } from "../../base/config";
import type { Share } from "../sweeps/placement";
import type { StudyOptions } from "./study";

interface Kind extends Pick<StudyOptions, "sampler"> {
  /** The part of the search that this process runs. Default: all. */
  array?: Share;
}

/** Returns the path of the lock of a search, or of its part. */
export const lockOf = (folder: string, { array }: Kind): string =>
  join(folder, array ? `search-${array.index}-of-${array.of}.lock` : "search.lock");

/**
 * Returns the file of the study: a journal if processes share it, else one of SQLite.
 *
 * @throws ConfigError for a grid in parts, and when the folder holds a study of the other kind
 */
export function storageOf(folder: string, { array, sampler }: Kind): string {
  const [database, journal] = ["study.db", "study.journal"].map((name) => join(folder, name));
  const refuse = (message: string): never => {
    throw new ConfigError(relative(process.cwd(), folder), [{ path: "--array", message }]);
  };
  if (array && sampler === "grid")
    refuse("cannot divide a grid; give another --sampler, or leave --array out");
  if (array && existsSync(database!))
    refuse("the folder holds a search of one process; give another --out, or leave --array out");
  if (!array && existsSync(journal!))
    refuse("the folder holds a search in parts; give the same --array i/n as before, or another --out");
  return (array ? journal : database)!;
}
