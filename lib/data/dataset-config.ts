import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, check, notOneOf, readYaml } from "../config";
import { filters } from "./filters";

const ops = z.array(z.record(z.string(), z.unknown()));
const lags = z.union([z.int().nonnegative(), z.array(z.int().nonnegative()).min(1), z.null()]);

/** What a session's file may say, and the parent for all sessions. */
const shared = {
  /** Stimulus types to load and join, in this order. */
  types: z.array(z.string()).min(1),
  sampling: z
    .strictObject({ source_rate: z.number().positive(), target_rate: z.number().positive() })
    .optional(),
  /** Frames before the predicted bin, by covariate. */
  keys_lags: z
    .strictObject({
      stim: lags.optional(),
      robs: lags.optional(),
      /** Of the spike history that a model may read: bins before the predicted one, never that one. */
      history: z.array(z.int().positive()).min(1).optional(),
    })
    .default({}),
  transforms: z.record(z.string(), z.strictObject({ source: z.string(), ops })).default({}),
  datafilters: z.record(z.string(), z.strictObject({ ops })).default({}),
  /** The share of trials to train on. */
  train_val_split: z.number().gt(0).lt(1).default(0.8),
  /** Of the split. */
  seed: z.int().nonnegative().default(0),
};
const sessionSchema = z.strictObject({
  ...shared,
  session: z.string(),
  cids: z.array(z.int()).min(1),
  file: z.string(),
});
const parentSchema = z.strictObject({
  ...shared,
  /** The folder of the sessions' files, from this file's own. */
  session_dir: z.string().default("."),
  sessions: z.array(z.string()).min(1, { error: "names no session; list at least one" }),
});

/** One session's configuration, defaults filled in; `file` is its session file. */
export type SessionConfig = z.output<typeof sessionSchema>;

type Mapping = Record<string, unknown>;

/**
 * Reads a sessions' configuration and the file of each session it names. A session's file may override anything; the merge
 * is deep for mappings and replaces everything else.
 *
 * @throws ConfigError that names the file, the key, and what is allowed
 */
export function readDatasetConfig(file: string): SessionConfig[] {
  const parent = mapping(readYaml(file), file);
  const { session_dir, sessions } = check(parentSchema, parent, file);
  const { session_dir: _dir, sessions: _sessions, ...inherited } = parent;
  const folder = resolve(dirname(file), session_dir);
  return sessions.map((name) => {
    const path = join(folder, `${name}.yaml`);
    if (!existsSync(path)) {
      const message = `its file ${path} is missing; check \`session_dir\` and \`sessions\`, or run \`gradbook simulate\` to make the demo sessions`;
      throw new ConfigError(file, [{ path: `sessions: ${name}`, message }]);
    }
    const defaults = { session: basename(path, ".yaml"), file: join(folder, `${name}.h5`) };
    const config = check(
      sessionSchema,
      merge({ ...inherited, ...defaults }, mapping(readYaml(path), path)),
      path,
    );
    checkOps(config, path);
    return config;
  });
}

function mapping(value: unknown, file: string): Mapping {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Mapping;
  throw new ConfigError(file, [{ path: "", message: "must hold keys and values" }]);
}

function merge(base: Mapping, over: Mapping): Mapping {
  const isMapping = (value: unknown): value is Mapping =>
    value !== null && typeof value === "object" && !Array.isArray(value);
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isMapping(value) && isMapping(base[key]) ? merge(base[key], value) : value;
  }
  return merged;
}

/** The transforms there are: of the stimulus, done while it is served, since it is kept as bytes. */
const TRANSFORMS = ["pixelnorm"];

/** Every op has one name, which is known, and options that its schema accepts. */
function checkOps({ transforms, datafilters, cids }: SessionConfig, path: string): void {
  const fail = (key: string, message: string): never => {
    throw new ConfigError(path, [{ path: key, message }]);
  };
  if (new Set(cids).size < cids.length)
    fail("cids", `lists a unit twice: ${cids.find((c, i) => cids.indexOf(c) < i)}`);
  for (const [name, { source, ops }] of Object.entries(transforms)) {
    if (name !== "stim" || source !== "stim") fail(`transforms.${name}`, notOneOf(name, ["stim"]));
    ops.forEach((op, i) => {
      for (const key of Object.keys(op))
        if (!TRANSFORMS.includes(key)) fail(`transforms.${name}.ops.${i}`, notOneOf(key, TRANSFORMS));
    });
  }
  for (const [name, { ops }] of Object.entries(datafilters)) {
    if (name !== "dfs") fail(`datafilters.${name}`, notOneOf(name, ["dfs"]));
    ops.forEach((op, i) => {
      for (const [key, options] of Object.entries(op)) {
        const at = `datafilters.${name}.ops.${i}`;
        if (!Object.hasOwn(filters, key)) fail(at, notOneOf(key, Object.keys(filters)));
        check(filters[key as keyof typeof filters].options, options, path, `${at}.${key}`);
      }
    });
  }
}
