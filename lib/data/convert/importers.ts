import { existsSync } from "node:fs";
import { ConfigError, check, notOneOf, type Problem } from "../../base/config";
import { checkSession } from "../check-session";
import { arrays } from "./arrays";
import { dset } from "./dset";
import { experanto } from "./experanto";
import type { Imported, Importer } from "./importer";
import { nwb } from "./nwb/nwb";
import { sensorium } from "./sensorium";

/** The formats that `gradbook convert` reads. The first one that accepts a path reads it. */
export const IMPORTERS: readonly Importer[] = [nwb, dset, sensorium, experanto, arrays];

/**
 * Reads a recording of another format, and checks it as training does.
 *
 * @param path the file or folder
 * @param words the options as texts (switches: true), by name
 * @param format the name of the format. Default: the first one that accepts the path
 * @throws ConfigError that names the option, or the file and the place in it
 */
export async function importSession(
  path: string,
  words: Readonly<Record<string, unknown>> = {},
  format?: string,
): Promise<Imported> {
  const importer = importerOf(path, format);
  const imported = await importer.read(path, valuesOf(importer, path, words));
  checkSession(path, imported.session);
  return imported;
}

function importerOf(path: string, format: string | undefined): Importer {
  if (!existsSync(path))
    throw new ConfigError(path, [{ path: "", message: "no such file or folder; check the path" }]);
  const names = IMPORTERS.map(({ name }) => name);
  const found = IMPORTERS.find(({ name, accepts }) => (format ? name === format : accepts(path)));
  if (found) return found;
  const problem = format
    ? { path: "--format", message: notOneOf(format, names) }
    : { path: "", message: `is not a known format; give one by --format: ${names.join(", ")}` };
  throw new ConfigError(path, [problem]);
}

function valuesOf(
  { name, options }: Importer,
  path: string,
  words: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const allowed = Object.keys(options)
    .map((option) => `--${option}`)
    .join(", ");
  const unknown = Object.keys(words).filter((word) => !(word in options));
  const problems = unknown.map<Problem>((word) => ({
    path: `--${word}`,
    message: `is not an option of the format ${name}, which has ${allowed || "no options"}`,
  }));
  if (problems.length > 0) throw new ConfigError(path, problems);
  const checked = Object.entries(options).map(([option, { schema }]) => [
    option,
    check(schema, words[option], path, `--${option}`),
  ]);
  return Object.fromEntries(checked);
}
