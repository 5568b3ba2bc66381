import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../base/config";
import { unitIds } from "./check-recording";
import { folderFormat } from "./folder-formats";
import { getArray, OpenHdf5, readHdf5 } from "./hdf5";
import { openDataset } from "./hdf5-dataset";
import { type MovieShape, type MovieSource, storedMovie } from "./movie-source";
import {
  chosenTypes,
  type MovieReader,
  missingCovariate,
  type RecordingSource,
  readRecording,
  wholeMovie,
} from "./read-recording";
import { type ResponseKind, statedResponses } from "./responses";
import { FORMAT_VERSION, type Session } from "./session";
import { rowsOf } from "./source-array";

const MISSING = "check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions";

/**
 * Reads a session file (`docs/session-format.md`), or a recording in a folder of another format (`folder-formats.ts`).
 *
 * @param types the stimulus types to read. Default: all.
 * @param movie reads the movies. Default: reads them into the recordings.
 * @param kind the kind of the responses. Default: that of the file's attribute `responses`, or counts.
 * @throws ConfigError that names the file and the covariate, and says what to do
 */
export async function readSession(
  path: string,
  types?: readonly string[],
  movie: MovieReader = wholeMovie,
  kind?: ResponseKind,
): Promise<Session> {
  const format = folderFormat(path);
  if (format) return format.read(path, types, movie, kind);
  return readHdf5(path, MISSING, (file) => {
    requireVersion(path, file);
    const cids = unitIds(path, required(path, file, "cids").values);
    const responses = kind ?? statedResponses(path, file.attrs.responses?.value);
    const recordings = chosenTypes(path, groupsOf(file), types).map((type) => {
      const source = sourceOf(path, type, file.get(type) as Group);
      return [type, readRecording(path, type, source, cids.length, responses ?? "counts", movie)] as const;
    });
    return {
      name: String(attribute(path, file, "name")),
      samplingRate: positive(path, file, "sampling_rate"),
      pixelsPerDegree: positive(path, file, "pixels_per_degree"),
      cids,
      ...(responses ? { responses } : {}),
      ...unitFacts(path, file, cids.length),
      recordings: Object.fromEntries(recordings),
    };
  });
}

/** Checks the format version, because a file of a later layout could be misread. Files without a version have the first one. */
function requireVersion(path: string, file: File): void {
  const version = file.attrs.format_version?.value ?? FORMAT_VERSION;
  if (Number(version) === FORMAT_VERSION) return;
  const message = `is ${String(version)}, but this version of gradbook reads ${FORMAT_VERSION}; update gradbook, or write the file again`;
  throw new ConfigError(path, [{ path: "format_version", message }]);
}

/** Returns the number of frames of some stimulus types, and their size. @throws ConfigError as `readSession` */
export async function movieShapes(path: string, types?: readonly string[]): Promise<MovieShape[]> {
  const format = folderFormat(path);
  if (format) return format.movies(path, types);
  return readHdf5(path, MISSING, (file) => moviesIn(path, file, types));
}

/** The movies of some stimulus types, in files that stay open. */
export interface OpenMovies {
  readonly sources: readonly MovieSource[];
  close(): void;
}

/** Opens the movies of some stimulus types. `hdf5` must have loaded the library. @throws ConfigError as `readSession` */
export function openMovies(path: string, types?: readonly string[]): OpenMovies {
  const format = folderFormat(path);
  if (format) return { sources: format.movies(path, types), close: () => {} };
  const file = new OpenHdf5(path, MISSING);
  const sources = file.read((opened) => moviesIn(path, opened, types));
  const read = (source: MovieSource) => (from: number, to: number) => file.read(() => source.read(from, to));
  return { sources: sources.map((source) => ({ ...source, read: read(source) })), close: () => file.close() };
}

const moviesIn = (path: string, file: File, types?: readonly string[]) =>
  chosenTypes(path, groupsOf(file), types).map((type) => movieSource(path, type, file.get(type) as Group));

/** Returns the stimulus types of a session file. @throws ConfigError when it cannot be read */
export async function stimulusTypes(path: string): Promise<string[]> {
  const format = folderFormat(path);
  if (format) return format.types(path);
  return readHdf5(path, MISSING, groupsOf);
}

const groupsOf = (file: File) =>
  file.keys().filter((key) => (file.get(key) as Group | null)?.type === "Group");

/** The covariates of a stimulus type, as its group has them. */
function sourceOf(path: string, type: string, group: Group): RecordingSource {
  return {
    names: group.keys(),
    get: (name) => openDataset(group, name),
    movie: movieSource(path, type, group),
  };
}

function movieSource(path: string, type: string, group: Group): MovieSource {
  const found = openDataset(group, "stim");
  if (!found) throw missingCovariate(path, `${type}/stim`);
  const stated = found.attribute("range");
  const range = ArrayBuffer.isView(stated) ? Array.from(stated as Float64Array, Number) : undefined;
  return storedMovie(path, type, found, range);
}

/** Reads the optional facts about units from the file. */
function unitFacts(path: string, file: File, units: number): Pick<Session, "coordinates" | "groups"> {
  const rows = (name: string) => {
    const found = getArray(file, name);
    if (!found || found.shape[0] === units) return found;
    const message = `has shape [${found.shape}], but the file has ${units} units: one row for each`;
    throw new ConfigError(path, [{ path: name, message }]);
  };
  const [places, groups] = [rows("unit_coordinates"), rows("unit_groups")];
  return {
    ...(places ? { coordinates: rowsOf(places.values, units) } : {}),
    ...(groups ? { groups: Array.from(groups.values) } : {}),
  };
}

function required(path: string, group: Group, name: string) {
  const found = getArray(group, name);
  if (found) return found;
  throw missingCovariate(path, name);
}

function positive(path: string, file: File, name: string): number {
  const value = Number(attribute(path, file, name));
  if (value > 0 && value < Infinity) return value;
  const message = `this attribute of the file must be a number over 0; found ${attribute(path, file, name)}`;
  throw new ConfigError(path, [{ path: name, message }]);
}

function attribute(path: string, file: File, name: string) {
  const found = file.attrs[name];
  if (found) return found.value;
  throw new ConfigError(path, [
    { path: name, message: "this attribute of the file is missing; see docs/session-format.md" },
  ]);
}
