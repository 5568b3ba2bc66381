import { isAbsolute, join, resolve } from "node:path";
import { dump } from "js-yaml";
import {
  ConfigError,
  check,
  checkAll,
  isUserType,
  notOneOf,
  type Problem,
  problemsOf,
  readYaml,
} from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import { parseModelConfig } from "../../model";
import { expectedMonitor } from "../../twin/expected-monitor";
import type { Distribution, Point, Space, Value } from "../search/space";
import type { Command, Trial } from "../search/trial";
import { CONTINUED } from "../sweeps/trainings";
import { trainSchema } from "./flags";
import { planOf } from "./plan";
import { readConfig } from "./read-flags";

/** The prefix of names that refer to keys of the model's YAML file, such as `model.convnet.params.channels.0`. */
const MODEL = "model.";

/** Returns the values of a point whose names refer to keys of the model's file, by these keys. */
function modelValues(point: Point): Point {
  const entries = Object.entries(point).filter(([name]) => name.startsWith(MODEL));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(MODEL.length), value]));
}

/**
 * Reads a model's YAML file and replaces values in it.
 *
 * @param values by dotted key path; a number in a path is a position in a list; keys that the file lacks are added
 * @param at names the file that the values come from, for errors
 * @returns a copy that can be written to another folder: paths of users' modules are absolute
 * @throws ConfigError when a path does not exist, or the model is invalid with these values
 */
function overriddenModel(model: string, values: Point, at: string): unknown {
  const copy = structuredClone(readYaml(model));
  const misplaced = Object.entries(values).flatMap(([path, value]): Problem[] => {
    const message = replace(copy, path.split("."), value);
    return message ? [{ path: MODEL + path, message: `${model} has ${message}` }] : [];
  });
  const invalid = problemsOf(() => parseModelConfig(copy, model));
  const problems = [...misplaced, ...invalid.map(({ path, message }) => ({ path: MODEL + path, message }))];
  if (problems.length > 0) throw new ConfigError(at, problems);
  return withAbsoluteModules(copy, resolve(model, ".."));
}

/** Sets the value at a path. @returns a description of what the path lacks, if it does not exist */
function replace(root: unknown, path: readonly string[], value: Point[string]): string | undefined {
  let at = root;
  for (const [depth, key] of path.entries()) {
    if (at === null || typeof at !== "object") return `${JSON.stringify(at)} here, which has no keys`;
    if (Array.isArray(at) && !(/^\d+$/.test(key) && Number(key) < at.length))
      return `a list of ${at.length} here, numbered from 0`;
    const holder = at as Record<string, unknown>;
    if (depth === path.length - 1) holder[key] = value;
    else holder[key] ??= {};
    at = holder[key];
  }
  return undefined;
}

/** Copies a configuration with types of users' modules (`./core.ts#Core`) as absolute paths. */
function withAbsoluteModules(value: unknown, folder: string): unknown {
  if (typeof value === "string")
    return isUserType(value) && !isAbsolute(value) ? resolve(folder, value) : value;
  if (Array.isArray(value)) return value.map((each) => withAbsoluteModules(each, folder));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withAbsoluteModules(each, folder)]),
  );
}

/** Flags that the search sets itself. */
const OWN = ["checkpoint_dir", "experiment_name", "project_name", "ckpt_path", "overwrite"];

/**
 * Plans the trials of a `gradbook train` configuration. Each trial has a copy of the configuration with its values, in
 * `folder/configs`, and its run in `folder`. Values of names that begin with `model.` go into a copy of the model's file beside it.
 *
 * @param at.restarts whether the cluster may start the same program again, which then continues from its last checkpoint
 * @throws ConfigError when the space names an unknown flag or key of the model, or a value that it does not accept
 */
export function trainingTrials(
  config: string,
  {
    space,
    spaceFile,
    folder,
    restarts,
  }: { space: Space; spaceFile: string; folder: string; restarts?: boolean },
): (trial: Trial) => Command {
  const given = readConfig(config);
  planOf(check(trainSchema, given, config), config);
  requireFlags(space, spaceFile, given);
  requireModelKeys(space, spaceFile, given);
  const configs = join(folder, "configs");
  makeFolder(configs);
  return ({ name, params }) => {
    const own: Record<string, unknown> = {
      ...given,
      ...flagsOf(params),
      checkpoint_dir: folder,
      experiment_name: name,
      project_name: "",
    };
    const values = modelValues(params);
    if (Object.keys(values).length > 0) {
      const model = join(configs, `${name}.model.yaml`);
      writeAtomically(model, [dump(overriddenModel(String(own.model_config), values, spaceFile))]);
      own.model_config = model;
    }
    const file = join(configs, `${name}.yaml`);
    writeAtomically(file, [dump(own)]);
    const again = restarts ? CONTINUED : [];
    const args = [process.argv[1]!, "train", "--config", file, "--progress", "json", ...again];
    return { command: process.execPath, args: [...process.execArgv, ...args], env: process.env };
  };
}

/** Returns the metric of a `gradbook train` configuration by which its checkpoints are ranked, whatever loss of the space is tried. */
export async function trainingMetric(config: string, space: Space): Promise<string> {
  const { experiment } = planOf(check(trainSchema, readConfig(config), config), config);
  const losses = space.loss ?? space[`${MODEL}loss`];
  return expectedMonitor(experiment, losses?.type === "categorical" ? losses.choices.map(String) : undefined);
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
        : `not a flag of gradbook train: ${notOneOf(name, flags)}`;
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
