import {
  type FrameSize,
  frameLength,
  MOVIE_BYTES,
  type MovieDtype,
  type MovieValues,
  movieValues,
} from "../base/dsp/movie";
import { type MovieSource, withCheckedRange } from "./movie-source";
import { readMovie } from "./read-movie";
import { openMovies } from "./read-session";
import type { SessionConfig } from "./session-schema";
import { allocated } from "./source-array";

/** The movie of a prepared session that stays in its file. It is plain data, so that a thread can open the file. */
export interface MovieInFile extends FrameSize {
  /** The file, the stimulus types and the transforms. @internal */
  readonly config: Pick<SessionConfig, "file" | "types" | "transforms">;
  readonly channels: number;
  /** The storage type of the prepared movie. */
  readonly dtype: MovieDtype;
  /** The number of file frames per frame. */
  readonly factor: number;
  /** The number of frames after preparation, over all stimulus types. */
  readonly frames: number;
  /** The number of frames that the file's storage suggests to read at once. */
  readonly chunk: number;
}

/** Returns the number of bytes of a prepared frame. */
export const frameBytes = (movie: Pick<MovieInFile, "dtype"> & FrameSize): number =>
  frameLength(movie) * MOVIE_BYTES[movie.dtype];

/** An open movie, which reads prepared frames: bit for bit those of a movie that is read as a whole. */
export class MovieFile {
  private readonly opened: ReturnType<typeof openMovies>;
  private readonly parts: readonly {
    readonly first: number;
    readonly frames: number;
    readonly source: MovieSource;
  }[];

  /**
   * Opens the file. `hdf5` must have loaded the library.
   *
   * @throws ConfigError that names the file
   */
  constructor(private readonly movie: MovieInFile) {
    const { file, types } = movie.config;
    this.opened = openMovies(file, types);
    let at = 0;
    this.parts = this.opened.sources.map((source, i) => {
      const frames = Math.floor(source.frames / movie.factor);
      const first = at;
      at += frames;
      return { first, frames, source: withCheckedRange(file, types[i]!, source).source };
    });
  }

  /** Reads frames `from` to `to` of the prepared movie into the start of `target`. @throws ConfigError that names the file */
  read(from: number, to: number, target: Uint8Array): void {
    const { config, dtype, factor } = this.movie;
    const values = movieValues(dtype, target);
    for (const { first, frames, source } of this.parts) {
      const start = Math.max(from, first);
      const end = Math.min(to, first + frames);
      if (start >= end) continue;
      const skipped = (start - first) * factor;
      const part = {
        ...source,
        frames: (end - start) * factor,
        read: (t: number, until: number) => source.read(skipped + t, skipped + until),
      };
      readMovie(part, { config, dtype, factor, values }, start - from);
    }
  }

  close(): void {
    this.opened.close();
  }
}

/** Calls `use` with a function that reads `count` frames of a movie, starting at frame `first`. The file is closed afterwards. */
export function withFrames<T>(
  movie: MovieInFile,
  use: (framesOf: (first: number, count: number) => MovieValues) => T,
): T {
  return opened(movie, (file) =>
    use((first, count) => {
      const bytes = new Uint8Array(count * frameBytes(movie));
      file.read(first, first + count, bytes);
      return movieValues(movie.dtype, bytes);
    }),
  );
}

function opened<T>(movie: MovieInFile, use: (file: MovieFile) => T): T {
  const file = new MovieFile(movie);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** Reads a whole movie, for parts of the library that need all of it at once. @throws ConfigError when it does not fit into memory */
export function readWhole(movie: MovieInFile): Uint8Array {
  const place = { file: movie.config.file, key: "stim" };
  const bytes = allocated(Uint8Array, movie.frames * frameBytes(movie), place);
  opened(movie, (file) => file.read(0, movie.frames, bytes));
  return bytes;
}
