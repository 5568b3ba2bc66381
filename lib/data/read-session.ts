import { folderFormat } from "./folder-formats";
import { OpenHdf5, readHdf5 } from "./hdf5";
import { hdf5Group } from "./hdf5-dataset";
import type { MovieShape, MovieSource } from "./movie-source";
import { type MovieReader, wholeMovie } from "./read-recording";
import type { ResponseKind } from "./responses";
import type { Session } from "./session";
import { moviesOf, responsesIn, sessionOf, typesOf } from "./stored-session";

const MISSING = "check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions";

/**
 * Reads a session file (`docs/session-format.md`), or a recording of another format (`folder-formats.ts`).
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
  return readHdf5(path, MISSING, (file) => sessionOf(path, hdf5Group(file), { types, movie, kind }));
}

/** Returns the kind of a recording's responses, without reading them; undefined when it states none. @throws ConfigError */
export async function responseKind(path: string): Promise<ResponseKind | undefined> {
  const format = folderFormat(path);
  if (format) return format.responses(path);
  return readHdf5(path, MISSING, (file) => responsesIn(path, hdf5Group(file)));
}

/** Returns the number of frames of some stimulus types, and their size. @throws ConfigError as `readSession` */
export async function movieShapes(path: string, types?: readonly string[]): Promise<MovieShape[]> {
  const format = folderFormat(path);
  if (format) return format.movies(path, types);
  return readHdf5(path, MISSING, (file) => moviesOf(path, hdf5Group(file), types));
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
  const sources = file.read((opened) => moviesOf(path, hdf5Group(opened), types));
  const read = (source: MovieSource) => (from: number, to: number) => file.read(() => source.read(from, to));
  return { sources: sources.map((source) => ({ ...source, read: read(source) })), close: () => file.close() };
}

/** Returns the stimulus types of a session file. @throws ConfigError when it cannot be read */
export async function stimulusTypes(path: string): Promise<string[]> {
  const format = folderFormat(path);
  if (format) return format.types(path);
  return readHdf5(path, MISSING, (file) => typesOf(hdf5Group(file)));
}
