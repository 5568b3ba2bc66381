import { join } from "node:path";
import { dump } from "js-yaml";
import { ConfigError, check, notOneOf, type Problem } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import type { Distribution, Space, Value } from "../search/space";
import type { Command, Trial } from "../search/trial";
import { trainSchema } from "./flags";
import { planOf } from "./plan";
import { readConfig } from "./read-flags";

/** Flags that the search sets itself. */
const OWN = ["checkpoint_dir", "experiment_name", "project_name", "ckpt_path", "overwrite"];

/**
 * Plans the trials of a `gradbook train` configuration. Each trial has a copy of the configuration with its values, in
 * `folder/configs`, and its run in `folder`.
 *
 * @throws ConfigError when the space names an unknown flag, or a value that the flag does not accept
 */
export function trainingTrials(
  config: string,
  { space, spaceFile, folder }: { space: Space; spaceFile: string; folder: string },
): (trial: Trial) => Command {
  const given = readConfig(config);
  planOf(check(trainSchema, given, config), config);
  requireFlags(space, spaceFile, given);
  const configs = join(folder, "configs");
  makeFolder(configs);
  return ({ name, params }) => {
    const own = { ...given, ...params, checkpoint_dir: folder, experiment_name: name, project_name: "" };
    const file = join(configs, `${name}.yaml`);
    writeAtomically(file, [dump(own)]);
    const args = [process.argv[1]!, "train", "--config", file, "--progress", "json"];
    return { command: process.execPath, args: [...process.execArgv, ...args], env: process.env };
  };
}

function requireFlags(space: Space, file: string, given: Readonly<Record<string, unknown>>): void {
  const flags = Object.keys(trainSchema.shape).filter((name) => !OWN.includes(name));
  const problems = Object.keys(space)
    .filter((name) => !flags.includes(name))
    .map((name): Problem => {
      const message = OWN.includes(name)
        ? "is set by the search; leave it out"
        : `no flag of gradbook train: ${notOneOf(name, flags)}`;
      return { path: name, message };
    });
  if (problems.length > 0) throw new ConfigError(file, problems);
  for (const [name, distribution] of Object.entries(space))
    for (const value of endsOf(distribution)) check(trainSchema, { ...given, [name]: value }, file);
}

/** Returns values that represent all values of a distribution. */
const endsOf = (distribution: Distribution): readonly Value[] =>
  distribution.type === "categorical" ? distribution.choices : [distribution.low, distribution.high];
