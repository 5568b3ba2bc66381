import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, check, notOneOf, type Problem, readYaml } from "../base/config";
import type { MovieDtype } from "../base/dsp/movie";
import { filters } from "./filters";
import { opProblems } from "./ops";
import { transforms } from "./transforms";

const ops = z.array(z.record(z.string(), z.unknown()));
const current = z.union([z.literal(0), z.null()], {
  error: "only stim and history have lags; the others are those of the predicted bin, 0",
});
const lags = z.union([z.int().nonnegative(), z.array(z.int().nonnegative()).min(1), z.null()]);

/** The options allowed in a session's file, and in the parent for all sessions. */
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
      robs: current.optional(),
      dfs: current.optional(),
      eyepos: current.optional(),
      behavior: current.optional(),
      /** The lags of the spike history that a model may read, in bins before the predicted one; never that bin itself. */
      history: z.array(z.int().positive()).min(1).optional(),
    })
    .default({}),
  /** The pipelines in order. A model's modulator reads `behavior`, its shifter reads `eyepos`. */
  transforms: z
    .record(
      z.string(),
      z.strictObject({
        /** A covariate of the session's file, or a result exposed by an earlier entry. */
        source: z.string(),
        ops,
        /** The result's name. Default: the entry's own. */
        expose_as: z.string().optional(),
        /** Whether to concatenate the result on the last axis with earlier results exposed under that name. */
        concatenate: z.boolean().default(false),
      }),
    )
    .default({}),
  datafilters: z.record(z.string(), z.strictObject({ ops })).default({}),
  /** The share of trials to train on. */
  train_val_split: z.number().gt(0).lt(1).default(0.8),
  /** The seed of the split. */
  seed: z.int().nonnegative().default(0),
};
/** The schema of one session, merged from its own file and its parent, as recorded by a run. */
export const sessionSchema = z.strictObject({
  ...shared,
  session: z.string(),
  cids: z.array(z.int()).min(1),
  file: z.string(),
});
/** The schema of a sessions' configuration: shared options and the list of sessions. */
export const parentSchema = z.strictObject({
  ...shared,
  /** The folder of the sessions' files, relative to this file's folder. */
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
 * @param file the parent, or a folder: its parent file, or else every YAML file in it as a separate session
 * @param dsetDtype the storage type of movies; `uint8` allows few transforms. Default `uint8`.
 * @throws ConfigError that names the file, the key, and what is allowed
 */
export function readDatasetConfig(file: string, dsetDtype: MovieDtype = "uint8"): SessionConfig[] {
  if (existsSync(file) && statSync(file).isDirectory()) return readFolder(file, dsetDtype);
  const parent = mapping(readYaml(file), file);
  const { session_dir, sessions } = check(parentSchema, parent, file);
  const { session_dir: _dir, sessions: _sessions, ...inherited } = parent;
  return readSessions({ file, folder: resolve(dirname(file), session_dir), dsetDtype }, sessions, inherited);
}

function readFolder(folder: string, dsetDtype: MovieDtype): SessionConfig[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const parents = files.filter(
    (name) => "sessions" in mapping(readYaml(join(folder, name)), join(folder, name)),
  );
  if (parents.length === 1) return readDatasetConfig(join(folder, parents[0]!), dsetDtype);
  if (parents.length > 1 || files.length === 0) {
    const message =
      files.length === 0
        ? "holds no YAML file of a session"
        : `holds ${parents.length} files that list sessions: ${parents.join(", ")}; give one of them`;
    throw new ConfigError(folder, [{ path: "", message }]);
  }
  const names = files.sort().map((name) => basename(name, ".yaml"));
  return readSessions({ file: folder, folder, dsetDtype }, names, {});
}

/** Reads the files of sessions. @param from the file that lists the sessions, their folder, and the storage type of movies */
function readSessions(
  { file, folder, dsetDtype }: { file: string; folder: string; dsetDtype: MovieDtype },
  names: readonly string[],
  inherited: Mapping,
): SessionConfig[] {
  return names.map((name) => {
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
    checkOps(config, path, dsetDtype);
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

/** The transforms that are applied to a movie of bytes when it is served. */
const WHEN_SERVED = ["pixelnorm", "unsqueeze"];

/** The parts of a sample: the final names that a transform's result may have. */
const SERVED = ["behavior", "eyepos", "robs", "stim"];

/** Checks that every op has one known name and valid options. Reports all problems together. */
function checkOps(
  { transforms: pipelines, datafilters, cids }: SessionConfig,
  path: string,
  dsetDtype: MovieDtype,
): void {
  const problems: Problem[] = [];
  const seen = new Set<number>();
  const twice = cids.find((cid) => seen.has(cid) || !seen.add(cid));
  if (twice !== undefined) problems.push({ path: "cids", message: `lists a unit twice: ${twice}` });
  for (const [name, { source, ops, expose_as = name }] of Object.entries(pipelines)) {
    const at = `transforms.${name}`;
    problems.push(...opProblems(transforms, ops, path, `${at}.ops`));
    const read = Object.values(pipelines).some((other) => other.source === expose_as);
    if (!read && !SERVED.includes(expose_as))
      problems.push({ path: at, message: `nothing reads its result: ${notOneOf(expose_as, SERVED)}` });
    const movie = [name, source, expose_as].filter((word) => word === "stim").length;
    if (movie !== 0 && movie !== 3)
      problems.push({ path: at, message: "the movie is served as stim and as nothing else" });
    const late = ops.flatMap(Object.keys).find((op) => !WHEN_SERVED.includes(op) && op in transforms);
    if (movie === 3 && late && dsetDtype === "uint8") {
      const message = `"${late}" needs the movie in floating point, but it is kept as bytes; allowed: ${WHEN_SERVED.join(", ")}; or keep it as another dset_dtype`;
      problems.push({ path: `${at}.ops`, message });
    }
  }
  for (const [name, { ops }] of Object.entries(datafilters)) {
    if (name !== "dfs") problems.push({ path: `datafilters.${name}`, message: notOneOf(name, ["dfs"]) });
    problems.push(...opProblems(filters, ops, path, `datafilters.${name}.ops`));
  }
  if (problems.length > 0) throw new ConfigError(path, problems);
}
