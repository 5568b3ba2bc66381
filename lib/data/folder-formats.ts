import { isAddress } from "../base/files/address";
import { isFolder } from "../base/files/folder";
import { dsetMovies, dsetResponses, dsetTypes, hasDsets, isDsetSession, readDsetSession } from "./dset";
import { experantoMovies, experantoResponses, experantoTypes, readExperanto } from "./experanto/experanto";
import { isExperanto } from "./experanto/modality";
import type { MovieSource } from "./movie-source";
import { chosenTypes, type MovieReader } from "./read-recording";
import type { ResponseKind } from "./responses";
import { isSensorium, readSensorium, sensoriumMovies, sensoriumTypes } from "./sensorium";
import type { Session } from "./session";
import { moviesOf, responsesIn, sessionOf, typesOf } from "./stored-session";
import { isZarr } from "./zarr/stores";
import { openZarr } from "./zarr/zarr-group";

/** A format of recordings that are read where they are, in a folder or on a server, without a session file in HDF5. */
export interface FolderFormat {
  /** Whether a path holds a recording in this format. */
  holds(path: string): boolean;
  types(path: string): string[];
  /** Returns the kind of the responses; undefined when the recording states none. */
  responses(path: string): ResponseKind | undefined;
  movies(path: string, types?: readonly string[]): MovieSource[];
  read(path: string, types: readonly string[] | undefined, movie: MovieReader, kind?: ResponseKind): Session;
}

const sensorium: FolderFormat = {
  holds: isSensorium,
  types: sensoriumTypes,
  responses: () => "calcium",
  movies: sensoriumMovies,
  read: readSensorium,
};

const experanto: FolderFormat = {
  holds: (path) => isFolder(path) && isExperanto(path),
  types: experantoTypes,
  responses: experantoResponses,
  movies: experantoMovies,
  read(path, types, movie, kind) {
    chosenTypes(path, experantoTypes(), types);
    return readExperanto(path, movie, kind).session;
  },
};

const dset: FolderFormat = {
  holds: hasDsets,
  types: dsetTypes,
  responses: dsetResponses,
  movies: dsetMovies,
  read: readDsetSession,
};

/** The layout of `docs/session-format.md`, in Zarr. */
const zarr: FolderFormat = {
  holds: (path) => isAddress(path) || isZarr(path),
  types: (path) => typesOf(openZarr(path)),
  responses: (path) => responsesIn(path, openZarr(path)),
  movies: (path, types) => moviesOf(path, openZarr(path), types),
  read: (path, types, movie, kind) => sessionOf(path, openZarr(path), { types, movie, kind }),
};

const FORMATS = [sensorium, experanto, dset, zarr];

/** Whether a path is a folder with a recording in one of the formats, or the address of one. */
export const holdsRecording = (path: string): boolean => FORMATS.some((format) => format.holds(path));

/**
 * Returns the format of a recording; undefined for an HDF5 file. A folder without a known recording is read as one of `.dset` files, whose
 * errors say what is missing.
 */
export function folderFormat(path: string): FolderFormat | undefined {
  return FORMATS.find((format) => format.holds(path)) ?? (isDsetSession(path) ? dset : undefined);
}
