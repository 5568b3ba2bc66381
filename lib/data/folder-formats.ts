import { isFolder } from "../base/files/folder";
import { dsetMovies, dsetTypes, hasDsets, isDsetSession, readDsetSession } from "./dset";
import { experantoMovies, experantoTypes, readExperanto } from "./experanto/experanto";
import { isExperanto } from "./experanto/modality";
import type { MovieSource } from "./movie-source";
import { chosenTypes, type MovieReader } from "./read-recording";
import type { ResponseKind } from "./responses";
import { isSensorium, readSensorium, sensoriumMovies, sensoriumTypes } from "./sensorium";
import type { Session } from "./session";

/** A format of recordings in folders that are read where they are, without a session file. */
export interface FolderFormat {
  /** Whether a path holds a recording in this format. */
  holds(path: string): boolean;
  types(path: string): string[];
  movies(path: string, types?: readonly string[]): MovieSource[];
  read(path: string, types: readonly string[] | undefined, movie: MovieReader, kind?: ResponseKind): Session;
}

const sensorium: FolderFormat = {
  holds: isSensorium,
  types: sensoriumTypes,
  movies: sensoriumMovies,
  read: readSensorium,
};

const experanto: FolderFormat = {
  holds: (path) => isFolder(path) && isExperanto(path),
  types: experantoTypes,
  movies: experantoMovies,
  read(path, types, movie, kind) {
    chosenTypes(path, experantoTypes(), types);
    return readExperanto(path, movie, kind).session;
  },
};

const dset: FolderFormat = {
  holds: hasDsets,
  types: dsetTypes,
  movies: dsetMovies,
  read: readDsetSession,
};

const FORMATS = [sensorium, experanto, dset];

/** Whether a path is a folder with a recording in one of the formats. */
export const holdsRecording = (path: string): boolean => FORMATS.some((format) => format.holds(path));

/**
 * Returns the format of a recording; undefined for an HDF5 file. A folder without a known recording is read as one of `.dset` files, whose
 * errors say what is missing.
 */
export function folderFormat(path: string): FolderFormat | undefined {
  return FORMATS.find((format) => format.holds(path)) ?? (isDsetSession(path) ? dset : undefined);
}
