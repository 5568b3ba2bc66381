import { parentPort, workerData } from "node:worker_threads";
import { hdf5 } from "../hdf5-library";
import { MovieFile, type MovieInFile } from "../movie-file";
import { BlockCache, type CacheMemory } from "./block-cache";

/** The data that the thread starts with, in shared memory. */
export interface WindowThreadData {
  /** The bytes of each session's movie in host memory, or its file; undefined for movies that are not read. */
  readonly movies: readonly (Uint8Array | MovieInFile | undefined)[];
  /** The cache of movies in files, and the number of frames of its blocks. */
  readonly cache?: { readonly memory: CacheMemory; readonly blockFrames: number } | undefined;
  /** The number of bytes of one frame. */
  readonly frameBytes: number;
  /** The lags, oldest first. */
  readonly lags: readonly number[];
  /** The buffers for windows, `[batch, lags, height, width, channels]`: a step reads one while the thread writes the other. */
  readonly buffers: readonly Uint8Array[];
}

/** A request for the windows of a batch: the session and frame of each sample; samples of session -1 are skipped. */
export interface WindowRequest {
  readonly buffer: number;
  readonly session: Int32Array;
  readonly frame: Int32Array;
}

/** Returns a frame of a session's movie. */
type FrameOf = (session: number, frame: number) => Uint8Array;

const { movies, cache, frameBytes, lags, buffers } = workerData as WindowThreadData;
const isStreamed = (movie: Uint8Array | MovieInFile | undefined): movie is MovieInFile =>
  movie !== undefined && !(movie instanceof Uint8Array);

const ready = cache ? hdf5() : undefined;
const blocks = cache && new BlockCache(cache.memory);
/** The open file of each session that was read. */
const files = new Map<number, MovieFile>();

parentPort!.on("message", async (request: WindowRequest) => {
  await ready;
  if (blocks) blocks.exclusively(() => gather(request));
  else gather(request);
  parentPort!.postMessage(request.buffer);
});

function gather({ buffer, session, frame }: WindowRequest): void {
  const to = buffers[buffer]!;
  let at = 0;
  session.forEach((number, sample) => {
    const movie = movies[number];
    const frameOf: FrameOf = isStreamed(movie) ? inFile : inMemory;
    for (const lag of lags) {
      if (movie) to.set(frameOf(number, frame[sample]! - lag), at);
      at += frameBytes;
    }
  });
}

/** @throws RangeError when there is no such frame */
function inMemory(session: number, frame: number): Uint8Array {
  const movie = movies[session] as Uint8Array;
  requireFrame(frame, movie.byteLength / frameBytes);
  return movie.subarray(frame * frameBytes, (frame + 1) * frameBytes);
}

/** @throws RangeError when there is no such frame @throws ConfigError when the file cannot be read */
function inFile(session: number, frame: number): Uint8Array {
  const movie = movies[session] as MovieInFile;
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
    throw new RangeError(`frame ${frame} was requested, but the movie has frames 0 to ${frames - 1}`);
}

function fileOf(session: number, movie: MovieInFile): MovieFile {
  const file = files.get(session) ?? new MovieFile(movie);
  files.set(session, file);
  return file;
}
