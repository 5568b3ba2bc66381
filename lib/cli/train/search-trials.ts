import { join } from "node:path";
import { dump } from "js-yaml";
import { ConfigError, check, checkAll, notOneOf, type Problem } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import type { Distribution, Point, Space, Value } from "../search/space";
import type { Command, Trial } from "../search/trial";
import { trainSchema } from "./flags";
import { MODEL, modelValues, overriddenModel } from "./model-overrides";
import { planOf } from "./plan";
import { readConfig } from "./read-flags";

/** Flags that the search sets itself. */
const OWN = ["checkpoint_dir", "experiment_name", "project_name", "ckpt_path", "overwrite"];

/**
 * Plans the trials of a `gradbook train` configuration. Each trial has a copy of the configuration with its values, in
 * `folder/configs`, and its run in `folder`. Values of names that begin with `model.` go into a copy of the model's file beside it.
 *
 * @throws ConfigError when the space names an unknown flag or key of the model, or a value that it does not accept
 */
export function trainingTrials(
  config: string,
  { space, spaceFile, folder }: { space: Space; spaceFile: string; folder: string },
): (trial: Trial) => Command {
  const given = readConfig(config);
  planOf(check(trainSchema, given, config), config);
  requireFlags(space, spaceFile, given);
  requireModelKeys(space, spaceFile, given);
  const configs = join(folder, "configs");
  makeFolder(configs);
  return ({ name, params }) => {
    const own: Record<string, unknown> = {
      ...{ ...given, ...flagsOf(params) },
      ...{ checkpoint_dir: folder, experiment_name: name, project_name: "" },
    };
    const values = modelValues(params);
    if (Object.keys(values).length > 0) {
      const model = join(configs, `${name}.model.yaml`);
      writeAtomically(model, [dump(overriddenModel(String(own.model_config), values, spaceFile))]);
      own.model_config = model;
    }
    const file = join(configs, `${name}.yaml`);
    writeAtomically(file, [dump(own)]);
    const args = [process.argv[1]!, "train", "--config", file, "--progress", "json"];
    return { command: process.execPath, args: [...process.execArgv, ...args], env: process.env };
  };
}

type Given = Readonly<Record<string, unknown>>;

/** The entries that are flags of `gradbook train`. */
const flagsOf = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => !name.startsWith(MODEL)));

function requireFlags(space: Space, file: string, given: Given): void {
  const flags = Object.keys(trainSchema.shape).filter((name) => !OWN.includes(name));
  const searched = flagsOf(space);
  const problems = Object.keys(searched)
    .filter((name) => !flags.includes(name))
    .map((name): Problem => {
      const message = OWN.includes(name)
        ? "is set by the search; leave it out"
        : `no flag of gradbook train: ${notOneOf(name, flags)}`;
      return { path: name, message };
    });
  if (problems.length > 0) throw new ConfigError(file, problems);
  for (const [name, distribution] of Object.entries(searched))
    for (const value of endsOf(distribution)) check(trainSchema, { ...given, [name]: value }, file);
}

/** Checks each searched model with the values at the ends of each distribution. @throws ConfigError that lists all problems */
function requireModelKeys(space: Space, file: string, { model_config: model }: Given): void {
  const models = space.model_config ? endsOf(space.model_config) : [model];
  const entries = Object.entries(space).filter(([name]) => name.startsWith(MODEL));
  const rounds = Math.max(0, ...entries.map(([, distribution]) => endsOf(distribution).length));
  const points = Array.from({ length: rounds }, (_, round): Point => {
    const values = entries.map(([name, distribution]) => {
      const ends = endsOf(distribution);
      return [name, ends[Math.min(round, ends.length - 1)]];
    });
    return Object.fromEntries(values);
  });
  checkAll(
    file,
    models.flatMap((each) =>
      points.map((point) => () => overriddenModel(String(each), modelValues(point), file)),
    ),
  );
}

/** Returns values that represent all values of a distribution. */
const endsOf = (distribution: Distribution): readonly Value[] =>
  distribution.type === "categorical" ? distribution.choices : [distribution.low, distribution.high];
