import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../base/config";
import { isFolder } from "../base/files/folder";
import { NumpyValues } from "../base/torch/numpy-values";
import { readTorch } from "../base/torch/read-torch";
import { TorchTensor } from "../base/torch/tensor";
import { readArrays } from "./convert/arrays";
import { type MovieSource, storedMovie } from "./movie-source";
import { medianStep, rateOf } from "./ops";
import {
  chosenTypes,
  type MovieReader,
  missingCovariate,
  type RecordingSource,
  readRecording,
} from "./read-recording";
import { type ResponseKind, statedResponses } from "./responses";
import { lazyCovariate, type Recording, type Session } from "./session";
import { arrayInMemory, type SourceArray } from "./source-array";

/** The file with a session's missing spikes, in its folder. */
const MISSING_PCT = "missing_pct.npz";

/** Whether a path is a recording of the PyTorch package, a `.dset` file or a folder of some, and not an HDF5 file. */
export function isDsetSession(path: string): boolean {
  return path.endsWith(".dset") || isFolder(path);
}

/** Returns the stimulus types of a recording: the names of its files. @throws ConfigError when there is none */
export function dsetTypes(path: string): string[] {
  return [...dsetFiles(path).keys()];
}

/** Returns the movies of some stimulus types. @throws ConfigError as `readDsetSession` */
export function dsetMovies(path: string, types?: readonly string[]): MovieSource[] {
  return opened(path, types).map(({ file, type, covariates, metadata }) =>
    movieOf(file, type, covariates, metadata),
  );
}

/**
 * Reads the `.dset` files of a session: files of `torch.save({"covariates": {...}, "metadata": {...}})` with the covariates of
 * `docs/session-format.md`. The units' ids are the columns of `robs`. Percentages of missing spikes come from `missing_pct.npz` of the
 * session's folder, if it is there.
 *
 * @throws ConfigError that names the file and the covariate
 */
export function readDsetSession(
  path: string,
  types: readonly string[] | undefined,
  movie: MovieReader,
  kind?: ResponseKind,
): Session {
  const files = opened(path, types);
  const first = files[0]!;
  const units = unitsOf(first);
  const cids = Array.from({ length: units }, (_, column) => column);
  const missing = missingIn(path, units);
  const { sess, ppd, responses: stated } = Object.fromEntries(first.metadata) as Record<string, unknown>;
  const responses = kind ?? statedResponses(path, stated);
  const recordings = files.map((opened) => {
    const { file, type } = opened;
    const source = sourceOf(opened);
    const recording = readRecording(file, type, source, units, responses ?? "counts", movie);
    return [type, missing ? withMissing(recording, missing) : recording] as const;
  });
  return {
    name: typeof sess === "string" ? sess : basename(sessionFolder(path)),
    samplingRate: rateOf(medianStep(recordings[0]![1].tBins)),
    pixelsPerDegree: typeof ppd === "number" && ppd > 0 ? ppd : 1,
    cids,
    ...(responses ? { responses } : {}),
    recordings: Object.fromEntries(recordings),
  };
}

/** Returns the kind of the responses that a recording states. @throws ConfigError as `readDsetSession` */
export function dsetResponses(path: string): ResponseKind | undefined {
  const [type] = dsetTypes(path);
  const stated = opened(path, [type!])[0]!.metadata.get("responses");
  return statedResponses(path, stated);
}

/** Returns the `.dset` files of a recording by their stimulus types. @throws ConfigError when there is none, or both eyes have some */
function dsetFiles(path: string): Map<string, string> {
  const named = (files: readonly string[]) =>
    new Map(files.map((file) => [basename(file, ".dset"), file] as const));
  if (path.endsWith(".dset")) return named([path]);
  const [folder, ...others] = foldersIn(path).filter(hasDsets);
  const problem = (message: string) => new ConfigError(path, [{ path: "", message }]);
  if (!folder)
    throw problem(
      "holds no .dset file, neither itself nor in datasets/; check the path, `session_dir` and --data_dir",
    );
  if (others.length > 0)
    throw problem(
      `holds .dset files in several folders (${[folder, ...others].join(", ")}); give one of these`,
    );
  return named(dsetsIn(folder));
}

/** The folders of a session that may hold its `.dset` files: the session's own, `datasets/`, and those of its eyes. */
function foldersIn(session: string): string[] {
  const datasets = join(session, "datasets");
  const eyes = existsSync(datasets) ? readdirSync(datasets).filter((name) => name.endsWith("_eye")) : [];
  return [session, datasets, ...eyes.map((eye) => join(datasets, eye))];
}

/** Whether a path is a `.dset` file, or a session's folder that holds some. */
export const holdsDsets = (path: string): boolean => path.endsWith(".dset") || foldersIn(path).some(hasDsets);

/** Whether a path is a folder with `.dset` files. */
export const hasDsets = (path: string): boolean => isFolder(path) && dsetsIn(path).length > 0;

const dsetsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".dset"))
    .sort()
    .map((name) => join(folder, name));

type Dict = ReadonlyMap<unknown, unknown>;

interface Opened {
  readonly file: string;
  readonly type: string;
  readonly covariates: Dict;
  readonly metadata: Dict;
}

function opened(path: string, types: readonly string[] | undefined): Opened[] {
  const files = dsetFiles(path);
  return chosenTypes(path, [...files.keys()], types).map((type) => {
    const file = files.get(type)!;
    const value = readTorch(file);
    const [covariates, metadata] = ["covariates", "metadata"].map((key) =>
      value instanceof Map ? value.get(key) : undefined,
    );
    if (covariates instanceof Map)
      return { file, type, covariates, metadata: metadata instanceof Map ? metadata : new Map() };
    const message = "is missing: a .dset file is torch.save({'covariates': {...}, 'metadata': {...}})";
    throw new ConfigError(file, [{ path: "covariates", message }]);
  });
}

function sourceOf({ file, type, covariates, metadata }: Opened): RecordingSource {
  return {
    names: [...covariates.keys()].map(String),
    get: (name) => arrayOf(covariates.get(name)),
    movie: movieOf(file, type, covariates, metadata),
  };
}

/** Returns a tensor or a numpy array of numbers. */
function arrayOf(value: unknown): SourceArray | undefined {
  if (value instanceof TorchTensor)
    return { shape: value.shape, whole: value.whole, slices: () => slicesOf(value) };
  if (!(value instanceof NumpyValues) || Array.isArray(value.values)) return undefined;
  const values = value.values as Exclude<NumpyValues["values"], readonly unknown[]>;
  const whole = !(values instanceof Float32Array || values instanceof Float64Array);
  return arrayInMemory(value.shape, values, whole);
}

/** The number of values that are read at once. */
const SLICE = 2 ** 23;

function* slicesOf(tensor: TorchTensor): Generator<ArrayLike<number>> {
  const rows = tensor.shape[0] ?? 1;
  const step = Math.max(1, Math.floor((SLICE * rows) / Math.max(1, tensor.size)));
  for (let from = 0; from < rows; from += step) yield tensor.read(from, Math.min(rows, from + step));
}

function movieOf(file: string, type: string, covariates: Dict, metadata: Dict): MovieSource {
  const stim = covariates.get("stim");
  if (!(stim instanceof TorchTensor)) throw missingCovariate(file, `${type}/stim`);
  const stated = metadata.get("stim_range");
  return storedMovie(file, type, stim, Array.isArray(stated) ? stated.map(Number) : undefined);
}

function unitsOf({ file, type, covariates }: Opened): number {
  const robs = covariates.get("robs");
  if (!(robs instanceof TorchTensor)) throw missingCovariate(file, `${type}/robs`);
  return robs.shape[1] ?? 1;
}

/** Estimated percentages of missing spikes: centres of windows in seconds, and a column for each unit. */
interface Missing {
  readonly times: ArrayLike<number>;
  readonly pct: ArrayLike<number>;
  readonly columns: number;
}

/** Reads the session's missing spikes. @throws ConfigError when the file lacks an array, or has other units */
function missingIn(path: string, units: number): Missing | undefined {
  const file = join(sessionFolder(path), MISSING_PCT);
  if (!existsSync(file)) return undefined;
  const arrays = readArrays(file);
  const [t, pct] = [arrays.get("t"), arrays.get("pct")];
  const wanted = `must be [windows, ${units}] with \`t\` [windows]: a column for each unit of robs`;
  if (!t || !pct || String(pct.shape) !== String([t.values.length, units]))
    throw new ConfigError(file, [{ path: "pct", message: `${wanted}; found [${pct?.shape ?? ""}]` }]);
  return { times: t.values, pct: pct.values, columns: units };
}

/**
 * Adds the covariate `missing_pct`, interpolated linearly to the frames when it is first read; frames outside of the windows have the
 * nearest one.
 */
function withMissing(recording: Recording, missing: Missing): Recording {
  const { frames, tBins, others } = recording;
  const values = () => interpolated(missing, tBins);
  const missing_pct = lazyCovariate({ shape: [frames, missing.columns], whole: false }, values);
  return { ...recording, others: { ...others, missing_pct } };
}

function interpolated({ times, pct, columns }: Missing, tBins: Float64Array): Float32Array {
  const values = new Float32Array(tBins.length * columns);
  const last = times.length - 1;
  for (let t = 0, after = 0; t < tBins.length; t++) {
    while (after <= last && times[after]! <= tBins[t]!) after++;
    const [from, to] = [Math.max(0, after - 1), Math.min(last, after)];
    const span = times[to]! - times[from]!;
    const part = span > 0 ? (tBins[t]! - times[from]!) / span : 0;
    for (let u = 0; u < columns; u++) {
      const [a, b] = [pct[from * columns + u]!, pct[to * columns + u]!];
      values[t * columns + u] = a + (b - a) * part;
    }
  }
  return values;
}

/** Returns the folder of a session from a path in it: `<session>`, `<session>/datasets`, `<session>/datasets/right_eye`, or a file there. */
function sessionFolder(path: string): string {
  const folder = path.endsWith(".dset") ? dirname(path) : path;
  const above = /_eye$/.test(basename(folder)) ? dirname(folder) : folder;
  return basename(above) === "datasets" ? dirname(above) : above;
}
