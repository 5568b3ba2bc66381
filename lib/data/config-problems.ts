import { notOneOf, type Problem, problemsOf } from "../base/config";
import { asMapping, isMapping, type Mapping } from "../base/config/mappings";
import type { Note } from "../base/config/notes";
import type { MovieDtype } from "../base/dsp/movie";
import { checkStage } from "../model/config";
import { filters } from "./filters";
import { namedEntries, type Op, opProblems } from "./ops";
import { lagsOf, SERVED } from "./session-lags";
import type { SessionConfig } from "./session-schema";
import { transforms } from "./transforms";

/** The transforms that are applied to a movie of bytes when it is served. */
const WHEN_SERVED = ["pixelnorm", "unsqueeze"];

/** The parts of a sample that a transform's result may be. */
const TRANSFORMED = SERVED.filter((name) => name !== "dfs");

/** Returns the problems of the ops of an unparsed configuration: each must have one known name and valid options. */
export function problemsOfOps(config: unknown, where: string): Problem[] {
  const ofPipelines = (key: "transforms" | "datafilters", room: typeof transforms | typeof filters) =>
    Object.entries(asMapping(asMapping(config)[key])).flatMap(([name, entry]) => {
      const { ops } = asMapping(entry);
      return isOps(ops) ? opProblems(room, ops, where, `${key}.${name}.ops`) : [];
    });
  return [...ofPipelines("transforms", transforms), ...ofPipelines("datafilters", filters)];
}

/** Whether a value has the form of a list of ops; if not, the schema reports it. */
const isOps = (ops: unknown): ops is Op[] => Array.isArray(ops) && ops.every(isMapping);

/** Returns the problems of a configuration that its schema cannot express, and that concern several keys. */
export function problemsBetweenKeys(config: SessionConfig, where: string, dsetDtype: MovieDtype): Problem[] {
  return [
    ...problemsOfUnits(config),
    ...problemsOfTransforms(config, dsetDtype),
    ...problemsOfFilters(config),
    ...problemsOfLags(config),
    ...(["adapter", "readout"] as const).flatMap((key) =>
      problemsOf(() => config[key] && checkStage(key, config[key], { where, path: key })),
    ),
  ];
}

function problemsOfUnits({ cids }: SessionConfig): Problem[] {
  const seen = new Set<number>();
  const twice = cids.find((cid) => seen.has(cid) || !seen.add(cid));
  return twice === undefined ? [] : [{ path: "cids", message: `lists a unit twice: ${twice}` }];
}

function problemsOfTransforms(config: SessionConfig, dsetDtype: MovieDtype): Problem[] {
  const pipelines = namedEntries(config.transforms);
  const late = floatingOp(config);
  return pipelines.flatMap(({ name, source, exposeAs }): Problem[] => {
    const at = `transforms.${name}`;
    const problems: Problem[] = [];
    const read = pipelines.some((other) => other.source === exposeAs && other.name !== name);
    if (!read && !(TRANSFORMED as readonly string[]).includes(exposeAs))
      problems.push({
        path: at,
        message: `no component reads its result: ${notOneOf(exposeAs, TRANSFORMED)}`,
      });
    const movie = [name, source, exposeAs].filter((word) => word === "stim").length;
    if (movie !== 0 && movie !== 3)
      problems.push({ path: at, message: "the movie can only be served as stim" });
    if (movie === 3 && late && dsetDtype === "uint8") {
      const message = `"${late}" needs the movie in floating point, but it is kept as bytes; allowed: ${WHEN_SERVED.join(", ")}; or choose another dset_dtype`;
      problems.push({ path: `${at}.ops`, message });
    }
    return problems;
  });
}

/** Returns the first transform of the movie that needs it in floating point. */
export const floatingOp = ({ transforms: { stim } }: SessionConfig): string | undefined =>
  (stim?.ops ?? []).flatMap(Object.keys).find((op) => !WHEN_SERVED.includes(op) && op in transforms);

/** Returns the data filters of a configuration: those of the entry that is exposed as `dfs`. */
export function filterOps({ datafilters }: SessionConfig): { ops: readonly Op[]; path: string } {
  const found = namedEntries(datafilters).find(({ exposeAs }) => exposeAs === "dfs");
  return { ops: found?.entry.ops ?? [], path: `datafilters.${found?.name ?? "dfs"}.ops` };
}

function problemsOfFilters({ datafilters }: SessionConfig): Problem[] {
  const exposed = namedEntries(datafilters);
  return exposed.flatMap(({ name, exposeAs }, i): Problem[] => {
    const path = `datafilters.${name}`;
    if (exposeAs !== "dfs") return [{ path, message: notOneOf(exposeAs, ["dfs"]) }];
    const before = exposed.slice(0, i).find((other) => other.exposeAs === exposeAs);
    if (!before) return [];
    return [
      { path, message: `is exposed as dfs, as is datafilters.${before.name}; put all ops into one of them` },
    ];
  });
}

/** The loss compares one bin of each sample. */
function problemsOfLags(config: SessionConfig): Problem[] {
  return (["robs", "dfs"] as const).flatMap((key) => {
    const { length } = lagsOf(config, key);
    if (length === 1) return [];
    const message = `has ${length} lags, but the loss reads one bin of each sample; give one lag`;
    return [{ path: `keys_lags.${key}`, message }];
  });
}

/** Returns the notes on keys that the configuration may have but that nothing reads. @param all the configuration before defaults */
export function notesOfKeys(all: Mapping, { keys_lags }: SessionConfig, where: string): Note[] {
  const unread = Object.keys(keys_lags).filter((key) => !(SERVED as readonly string[]).includes(key));
  const filtered = Object.keys(asMapping(all.datafilters)).length > 0;
  return [
    ...unread.map((key) => ({
      where,
      path: `keys_lags.${key}`,
      message: `has no effect: a model reads ${SERVED.join(", ")}`,
    })),
    ...(all.n_lags !== undefined && filtered
      ? [{ where, path: "n_lags", message: "has no effect, because datafilters are given" }]
      : []),
  ];
}
