import { ConfigError, check, readYaml } from "../../base/config";
import { FLAGS, readFor, type TrainFlags, trainSchema } from "./flags";

/**
 * Combines a run's YAML file and the command line: command-line flags override the file.
 *
 * @param words flags by name; a switch is `true`
 * @throws ConfigError that names the file or the command, the flag, and what is allowed
 */
export function readFlags(words: Readonly<Record<string, unknown>>, config?: string): TrainFlags {
  const given = Object.fromEntries(
    Object.entries(words).map(([name, word]) => [
      name,
      typeof word === "string" ? readFor(FLAGS[name as keyof TrainFlags].schema, word) : word,
    ]),
  );
  const file = config === undefined ? {} : readConfig(config);
  // Checked separately, so that the error names the file.
  if (config !== undefined) check(trainSchema, file, config);
  return check(trainSchema, { ...file, ...given }, "gradbook train");
}

/** A run's YAML file as it stands. @throws ConfigError when it holds no mapping */
export function readConfig(config: string): Readonly<Record<string, unknown>> {
  const file = readYaml(config);
  if (file === null || typeof file !== "object" || Array.isArray(file))
    throw new ConfigError(config, [
      { path: "", message: "must hold flags and values, such as batch_size: 64" },
    ]);
  return file as Record<string, unknown>;
}
