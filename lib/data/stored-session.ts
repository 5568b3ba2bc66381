import { ConfigError } from "../base/config";
import { unitIds } from "./check-recording";
import { type MovieSource, storedMovie } from "./movie-source";
import {
  chosenTypes,
  type MovieReader,
  missingCovariate,
  type RecordingSource,
  readRecording,
} from "./read-recording";
import { type ResponseKind, statedResponses } from "./responses";
import { FORMAT_VERSION, type Session } from "./session";
import { rowsOf } from "./source-array";
import type { StoredGroup } from "./stored-group";

/** The parts of a session file that are read, and how. */
interface SessionParts {
  /** Default: all stimulus types. */
  readonly types?: readonly string[] | undefined;
  readonly movie: MovieReader;
  /** The kind of the responses. Default: that of the file. */
  readonly kind?: ResponseKind | undefined;
}

/**
 * Reads a session from the layout of `docs/session-format.md`.
 *
 * @param path the file, for errors @param file its root
 * @throws ConfigError that names the file and the covariate
 */
export function sessionOf(path: string, file: StoredGroup, { types, movie, kind }: SessionParts): Session {
  requireVersion(path, file);
  const cids = unitsIn(path, file);
  const responses = kind ?? responsesIn(path, file);
  const recordings = chosenTypes(path, typesOf(file), types).map((type) => {
    const source = sourceOf(path, type, file.group(type));
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
}

/** Returns the kind of the responses that a session file states; undefined when it states none. @throws ConfigError for an unknown kind */
export const responsesIn = (path: string, file: StoredGroup): ResponseKind | undefined =>
  statedResponses(path, file.attribute("responses"));

/** Returns the stimulus types of a session file. */
export const typesOf = (file: StoredGroup): string[] => [...file.groups];

/** Returns the movies of some stimulus types. Default: all. @throws ConfigError as `sessionOf` */
export const moviesOf = (path: string, file: StoredGroup, types?: readonly string[]): MovieSource[] =>
  chosenTypes(path, typesOf(file), types).map((type) => movieSource(path, type, file.group(type)));

/** Checks the format version, because a file of a later layout could be misread. Files without a version have the first one. */
function requireVersion(path: string, file: StoredGroup): void {
  const version = file.attribute("format_version") ?? FORMAT_VERSION;
  if (Number(version) === FORMAT_VERSION) return;
  const message = `is ${String(version)}, but this version of gradbook reads ${FORMAT_VERSION}; update gradbook, or write the file again`;
  throw new ConfigError(path, [{ path: "format_version", message }]);
}

/** The covariates of a stimulus type, as its group has them. */
function sourceOf(path: string, type: string, group: StoredGroup): RecordingSource {
  return {
    names: group.arrays,
    get: (name) => group.array(name),
    movie: movieSource(path, type, group),
  };
}

function movieSource(path: string, type: string, group: StoredGroup): MovieSource {
  const found = group.array("stim");
  if (!found) throw missingCovariate(path, `${type}/stim`);
  const stated = found.attribute("range");
  const isList = ArrayBuffer.isView(stated) || Array.isArray(stated);
  const range = isList ? Array.from(stated as ArrayLike<number>, Number) : undefined;
  return storedMovie(path, type, found, range);
}

/** Reads the optional facts about units from the file. */
function unitFacts(path: string, file: StoredGroup, units: number): Pick<Session, "coordinates" | "groups"> {
  const rows = (name: string) => {
    const found = file.array(name);
    if (!found || found.shape[0] === units) return found;
    const message = `has shape [${found.shape}], but the file has ${units} units: one row for each`;
    throw new ConfigError(path, [{ path: name, message }]);
  };
  const [places, groups] = [rows("unit_coordinates"), rows("unit_groups")];
  return {
    ...(places ? { coordinates: rowsOf(places.readAll(), units) } : {}),
    ...(groups ? { groups: Array.from(groups.readAll()) } : {}),
  };
}

function unitsIn(path: string, file: StoredGroup): number[] {
  const found = file.array("cids");
  if (found) return unitIds(path, found.readAll());
  throw missingCovariate(path, "cids");
}

function positive(path: string, file: StoredGroup, name: string): number {
  const value = Number(attribute(path, file, name));
  if (value > 0 && value < Infinity) return value;
  const message = `this attribute of the file must be a number over 0; found ${attribute(path, file, name)}`;
  throw new ConfigError(path, [{ path: name, message }]);
}

function attribute(path: string, file: StoredGroup, name: string) {
  const found = file.attribute(name);
  if (found !== undefined) return found;
  throw new ConfigError(path, [
    { path: name, message: "this attribute of the file is missing; see docs/session-format.md" },
  ]);
}
