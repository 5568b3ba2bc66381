import type { ResidentTensor } from "../../engine/resident";
import { movieBytes, type PreparedSession } from "../prepare-recording";
import { offsets } from "../samplers/sampler";
import { inSharedMemory, type SharedValues, sharedValues } from "../shared-memory";
import { cacheMemory } from "./block-cache";
import { HostReader, type HostSources } from "./host-reader";
import type { HostTable } from "./host-thread";
import type { SessionBatch } from "./multi-dataset";

/** A batch with the values that are not on the device: `windows` of movies, and rows of tables by their names. */
export type HostBatch = SessionBatch & {
  /** The row of each sample among the frames on the device; -1 if its window is in `windows`. Absent when all movies are on the device. */
  readonly row?: Int32Array;
} & Readonly<Record<string, Int32Array | ResidentTensor>>;

/** The number of bytes that are read from a file at once, unless its storage suggests more. */
const BLOCK = 2 ** 17;
/** The size of the cache when sessions stay in files and no size is given. */
const CACHE = 2 ** 30;

/** Movies that are not on the device, and the size of the cache of those in files. */
interface MoviesInHost {
  /** Whether each session's movie is on the device. */
  readonly placed: readonly boolean[];
  /** Default 1 GiB. */
  readonly cacheBytes?: number | undefined;
}

/**
 * The movies and tables that are not on the device, in host memory or in files. A thread gathers each batch's values while the previous
 * step runs.
 */
export class HostData {
  private readonly sources: HostSources;
  private readonly names: readonly string[];
  /** The first row of each session among the frames of all sessions. */
  private readonly firsts: readonly number[];
  /** The first row of each session among the frames of movies on the device; undefined when the thread reads no movie. */
  private readonly deviceFirsts: readonly number[] | undefined;

  /**
   * @param movies undefined when all movies are on the device
   * @param tables the tables by the names that their rows have in a batch
   */
  constructor(
    sessions: readonly PreparedSession[],
    private readonly movies: MoviesInHost | undefined,
    tables: Readonly<Record<string, HostTable>>,
  ) {
    this.names = Object.keys(tables);
    this.sources = { movies: movies && moviesOf(sessions, movies), tables: Object.values(tables) };
    this.firsts = offsets(sessions.map(({ frames }) => frames));
    this.deviceFirsts = movies && offsets(sessions.map(({ frames }, i) => (movies.placed[i] ? frames : 0)));
  }

  /**
   * Generates the same batches with their values, gathered one batch ahead. A batch is valid until the next one is requested; the thread
   * ends with the last batch.
   */
  async *serve(batches: Iterable<SessionBatch>): AsyncGenerator<HostBatch> {
    let reader: HostReader | undefined;
    let ahead: (() => Promise<HostBatch>) | undefined;
    try {
      for (const batch of batches) {
        reader ??= new HostReader(this.sources);
        const { row, ...located } = this.located(batch);
        const gathered = reader.read(located);
        if (ahead) yield await ahead();
        ahead = async () => {
          const { windows, rows } = await gathered;
          const tables = Object.fromEntries(rows.map((values, i) => [this.names[i]!, values]));
          return { ...batch, ...(row && windows ? { row, windows } : {}), ...tables };
        };
      }
      if (ahead) yield await ahead();
    } finally {
      await reader?.close();
    }
  }

  /**
   * Locates each sample, given its row among the frames of all sessions: its session, its frame within it, and the row of its movie on the
   * device, -1 if it is not there.
   */
  private located({ frame: globalRows, dataset }: SessionBatch) {
    const { firsts, deviceFirsts } = this;
    const session = globalRows.map((row) => firsts.findLastIndex((first) => first <= row));
    const frame = globalRows.map((row, i) => row - firsts[session[i]!]!);
    const isPlaced = (d: number) => this.movies?.placed[d];
    const row =
      deviceFirsts && frame.map((t, i) => (isPlaced(session[i]!) ? deviceFirsts[session[i]!]! + t : -1));
    return { row, frame, session, isPadding: Uint8Array.from(dataset, (d) => Number(d < 0)) };
  }
}

function moviesOf(sessions: readonly PreparedSession[], { placed, cacheBytes = CACHE }: MoviesInHost) {
  const first = sessions[0]!;
  const { height, width, channels = 1, lags, stimDtype: dtype = "uint8" } = first;
  const frameBytes = movieBytes(first) / first.frames;
  // `stim` of a movie in a file would read all of it.
  const movies = sessions.map((session, i) =>
    placed[i] ? undefined : (session.inFile ?? bytesOf(session.stim)),
  );
  const inFiles = sessions.flatMap(({ inFile }, i) => (inFile && !placed[i] ? [inFile] : []));
  const blockFrames = Math.max(...inFiles.map(({ chunk }) => chunk), Math.ceil(BLOCK / frameBytes));
  const cache =
    inFiles.length > 0
      ? { memory: cacheMemory(cacheBytes, blockFrames * frameBytes), blockFrames }
      : undefined;
  return { movies, cache, frameBytes, lags, shape: [height, width, channels], dtype };
}

/** Returns a movie's bytes in shared memory. */
function bytesOf(stim: PreparedSession["stim"]): SharedValues {
  const { buffer, byteOffset, byteLength } = inSharedMemory(stim);
  return sharedValues(new Uint8Array(buffer, byteOffset, byteLength));
}
