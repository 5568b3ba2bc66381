import type { z } from "zod";
import { ConfigError, check, readYaml } from "../../base/config";
import { readFor, type TrainFlags, trainSchema } from "./flags";

/** The flags of a command, if they are not those of `gradbook train`. */
interface FlagsOf<S extends z.ZodObject> {
  schema: S;
  /** The defaults that differ from those of the schema. */
  defaults: Readonly<Record<string, unknown>>;
  /** The command, for errors. */
  command: string;
}

/**
 * Combines a run's YAML file and the command line: command-line flags override the file.
 *
 * @param words flags by name; a switch is `true`
 * @throws ConfigError that names the file or the command, the flag, and what is allowed
 */
export function readFlags(words: Readonly<Record<string, unknown>>, config?: string): TrainFlags {
  return readFlagsOf({ schema: trainSchema, defaults: {}, command: "gradbook train" }, words, config);
}

/** Combines a YAML file and the command line as `readFlags` does, for another command. */
export function readFlagsOf<S extends z.ZodObject>(
  { schema, defaults, command }: FlagsOf<S>,
  words: Readonly<Record<string, unknown>>,
  config?: string,
): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(words).map(([name, word]) => [
      name,
      typeof word === "string" ? readFor(schema.shape[name] as z.ZodType, word) : word,
    ]),
  );
  const file = config === undefined ? {} : readConfig(config);
  // Checked separately, so that the error names the file.
  if (config !== undefined) check(schema, file, config);
  return check(schema, { ...defaults, ...file, ...given }, command);
}

/** Reads a run's YAML file unchanged. @throws ConfigError when it is not a mapping */
export function readConfig(config: string): Readonly<Record<string, unknown>> {
  const file = readYaml(config);
  if (file === null || typeof file !== "object" || Array.isArray(file))
    throw new ConfigError(config, [
      { path: "", message: "must hold flags and values, such as batch_size: 64" },
    ]);
  return file as Record<string, unknown>;
}
