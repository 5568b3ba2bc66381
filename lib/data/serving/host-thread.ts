import { parentPort, workerData } from "node:worker_threads";
import { hdf5 } from "../hdf5-library";
import { MovieFile, type MovieInFile } from "../movie-file";
import { type SharedValues, viewOf } from "../shared-memory";
import { BlockCache, type CacheMemory } from "./block-cache";

/** The movies that a thread reads. */
export interface HostMovies {
  /** The bytes of each session's movie in host memory, or its file; undefined for movies that are not read. */
  readonly movies: readonly (SharedValues | MovieInFile | undefined)[];
  /** The cache of movies in files, and the number of frames of its blocks. */
  readonly cache?: { readonly memory: CacheMemory; readonly blockFrames: number } | undefined;
  /** The number of bytes of one frame. */
  readonly frameBytes: number;
  /** The lags, oldest first. */
  readonly lags: readonly number[];
}

/** A table of values for each frame, of which a thread reads the rows. */
export interface HostTable {
  /** The values of each session, `[frames, columns]`; undefined for sessions whose rows are not read. */
  readonly sessions: readonly ({ readonly values: SharedValues; readonly columns: number } | undefined)[];
  /** The number of columns of the result. */
  readonly width: number;
  /** The lags of the rows. */
  readonly lags: readonly number[];
}

/** The memory for a batch's values: a step reads one while the thread writes the other. */
export interface HostBuffer {
  /** `[batch, lags, height, width, channels]` */
  readonly windows?: Uint8Array | undefined;
  /** `[batch, lags, width]` for each table. */
  readonly rows: readonly Float32Array[];
}

/** The data that the thread starts with, in shared memory. */
export interface HostThreadData {
  readonly movies?: HostMovies | undefined;
  readonly tables: readonly HostTable[];
}

/** A request for the values of a batch: the session and frame of each sample, and whether the sample is padding, whose rows are 0. */
export interface HostRequest {
  /** The memory that the values are written to. */
  readonly buffer: HostBuffer;
  readonly session: Int32Array;
  readonly frame: Int32Array;
  readonly isPadding: Uint8Array;
}

const { movies: served, tables } = workerData as HostThreadData;
const ready = served?.cache ? hdf5() : undefined;
const blocks = served?.cache && new BlockCache(served.cache.memory);
/** The open file of each session that was read. */
const files = new Map<number, MovieFile>();

parentPort!.on("message", async (request: HostRequest) => {
  await ready;
  const { windows, rows } = request.buffer;
  if (served && blocks) blocks.exclusively(() => gatherWindows(served, request, windows!));
  else if (served) gatherWindows(served, request, windows!);
  for (const [i, table] of tables.entries()) gatherRows(table, request, rows[i]!);
  parentPort!.postMessage("gathered");
});

function gatherWindows(from: HostMovies, { session, frame }: HostRequest, to: Uint8Array): void {
  const { movies, lags, frameBytes } = from;
  let at = 0;
  session.forEach((number, sample) => {
    const movie = movies[number];
    for (const lag of lags) {
      if (movie) to.set(frameOf(from, movie, number, frame[sample]! - lag), at);
      at += frameBytes;
    }
  });
}

/** Copies rows as float32; rows of padding and of sessions without values are 0. @throws RangeError when there is no such row */
function gatherRows({ sessions, width, lags }: HostTable, request: HostRequest, to: Float32Array): void {
  const { session, frame, isPadding } = request;
  to.fill(0);
  let at = 0;
  session.forEach((number, sample) => {
    const table = isPadding[sample] ? undefined : sessions[number];
    for (const lag of lags) {
      if (table) {
        const { values, columns } = table;
        const row = frame[sample]! - lag;
        requireFrame(row, values.length / columns);
        to.set(viewOf(values, row * columns, columns), at);
      }
      at += width;
    }
  });
}

/** @throws RangeError when there is no such frame @throws ConfigError when the file cannot be read */
function frameOf(
  { frameBytes, cache }: HostMovies,
  movie: SharedValues | MovieInFile,
  session: number,
  frame: number,
): Uint8Array {
  if ("buffer" in movie) {
    requireFrame(frame, movie.length / frameBytes);
    const at = movie.byteOffset + frame * frameBytes;
    return new Uint8Array(movie.buffer, at, frameBytes);
  }
  requireFrame(frame, movie.frames);
  const { blockFrames } = cache!;
  const block = Math.floor(frame / blockFrames);
  const bytes = blocks!.block(session, block, (target) => {
    const end = Math.min(movie.frames, (block + 1) * blockFrames);
    fileOf(session, movie).read(block * blockFrames, end, target);
  });
  const at = (frame - block * blockFrames) * frameBytes;
  return bytes.subarray(at, at + frameBytes);
}

function requireFrame(frame: number, frames: number): void {
  if (frame < 0 || frame >= frames)
    throw new RangeError(`frame ${frame} was requested, but the session has frames 0 to ${frames - 1}`);
}

function fileOf(session: number, movie: MovieInFile): MovieFile {
  const file = files.get(session) ?? new MovieFile(movie);
  files.set(session, file);
  return file;
}
