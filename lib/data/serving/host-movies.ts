import type { Worker } from "node:worker_threads";
import { startThread } from "../../base/thread/start-thread";
import { type ResidentDtype, type ResidentTensor, SharedMemory, sharedTensor } from "../../engine/resident";
import { movieBytes, type PreparedSession } from "../prepare-recording";
import { offsets } from "../samplers/sampler";
import { cacheMemory, releaseLock } from "./block-cache";
import type { SessionBatch } from "./multi-dataset";
import type { WindowRequest, WindowThreadData } from "./window-thread";

/**
 * A thread that gathers windows of movies in host memory, alternating between two buffers. Each pass over the data has a
 * separate reader, so the thread ends with its pass, and its errors are errors of that pass.
 */
export class WindowReader {
  private readonly thread: Worker;
  private readonly tensors: readonly ResidentTensor[];
  private readonly waiting: { resolve: (buffer: number) => void; reject: (error: Error) => void }[] = [];
  private readonly cache: WindowThreadData["cache"];
  private turn = 0;

  /**
   * @param movies the movie of each session, in whole frames, or its file; undefined for sessions that are not read
   * @param cache the cache of movies in files
   * @param shape the shape of a batch's windows, `[batch, lags, height, width, channels]`
   */
  constructor(
    movies: WindowThreadData["movies"],
    {
      shape,
      frameBytes,
      lags,
      dtype,
      cache,
    }: {
      shape: readonly number[];
      frameBytes: number;
      lags: readonly number[];
      dtype: ResidentDtype;
      cache?: WindowThreadData["cache"];
    },
  ) {
    this.cache = cache;
    const memory = [0, 1].map(() => new SharedMemory(shape[0]! * lags.length * frameBytes));
    this.tensors = memory.map((each) => sharedTensor(each, [...shape], dtype));
    const buffers = memory.map(({ values }) => values);
    const data: WindowThreadData = { movies, cache, frameBytes, lags, buffers };
    this.thread = startThread(`${__dirname}/window-thread`, { workerData: data, name: "windows" });
    this.thread.on("message", (buffer: number) => {
      this.waiting.shift()!.resolve(buffer);
      // A pending batch keeps the process alive; the idle thread does not.
      if (this.waiting.length === 0) this.thread.unref();
    });
    this.thread.on("error", (error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error as Error);
    });
    this.thread.unref();
  }

  /**
   * Starts to gather a batch. This overwrites the buffer of the batch before the last.
   *
   * @returns the windows, which this reader disposes; rejects with the thread's error
   */
  read(session: Int32Array, frame: Int32Array): Promise<ResidentTensor> {
    const buffer = this.turn++ % this.tensors.length;
    const windows = new Promise<number>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.thread.ref();
    this.thread.postMessage({ buffer, session, frame } satisfies WindowRequest);
    const tensor = windows.then((filled) => this.tensors[filled]!);
    // Prevents an unhandled rejection: the error reaches the code that awaits this batch later.
    tensor.catch(() => {});
    return tensor;
  }

  /** Ends the thread. The promises of pending windows never settle. */
  async close(): Promise<void> {
    // Keeps the process alive until the thread has ended. Without its listeners, a late answer cannot unref the thread again.
    this.thread.removeAllListeners("message");
    this.thread.ref();
    const { threadId } = this.thread;
    await this.thread.terminate();
    if (this.cache) releaseLock(this.cache.memory, threadId);
    for (const tensor of this.tensors) tensor.dispose();
  }
}

/** A batch with the windows of its samples from movies in host memory. */
export type HostBatch = SessionBatch & {
  /** The row of each sample among the frames on the device; -1 if its window is in `windows`. */
  readonly row: Int32Array;
  /** `[batch, lags, height, width, channels]`, in the movies' storage type; arbitrary values for samples on the device. */
  readonly windows: ResidentTensor;
};

/** The number of bytes that are read from a file at once, unless its storage suggests more. */
const BLOCK = 2 ** 17;
/** The size of the cache when sessions stay in files and no size is given. */
const CACHE = 2 ** 30;

/** The movies that are not on the device, in host memory or in their files. A thread gathers each batch's windows while the previous step runs. */
export class HostMovies {
  private readonly movies: WindowThreadData["movies"];
  private readonly cache: WindowThreadData["cache"];
  /** The first row of each session among the frames of all sessions. */
  private readonly firsts: readonly number[];
  /** The first row of each session among the frames on the device. */
  private readonly deviceFirsts: readonly number[];

  /**
   * @param placed whether each session is on the device
   * @param cacheBytes the size of the cache of movies in files. Default 1 GiB.
   */
  constructor(
    private readonly sessions: readonly PreparedSession[],
    private readonly placed: readonly boolean[],
    cacheBytes = CACHE,
  ) {
    // `stim` of a movie in a file would read all of it.
    this.movies = sessions.map((session, i) => (placed[i] ? undefined : (session.inFile ?? shared(session.stim)))); // biome-ignore format: one line
    const inFiles = sessions.flatMap(({ inFile }, i) => (inFile && !placed[i] ? [inFile] : []));
    const frame = this.frameBytes;
    const blockFrames = Math.max(...inFiles.map(({ chunk }) => chunk), Math.ceil(BLOCK / frame));
    this.cache =
      inFiles.length > 0 ? { memory: cacheMemory(cacheBytes, blockFrames * frame), blockFrames } : undefined;
    this.firsts = offsets(sessions.map(({ frames }) => frames));
    this.deviceFirsts = offsets(sessions.map(({ frames }, i) => (placed[i] ? frames : 0)));
  }

  /**
   * Generates the same batches with their windows, gathered one batch ahead. A batch is valid until the next one is requested; the thread
   * ends with the last batch.
   */
  async *serve(batches: Iterable<SessionBatch>): AsyncGenerator<HostBatch> {
    let reader: WindowReader | undefined;
    let ahead: (() => Promise<HostBatch>) | undefined;
    try {
      for (const batch of batches) {
        reader ??= this.reader(batch.frame.length);
        const { row, session, frame } = this.located(batch);
        const windows = reader.read(session, frame);
        if (ahead) yield await ahead();
        ahead = async () => ({ ...batch, row, windows: await windows });
      }
      if (ahead) yield await ahead();
    } finally {
      await reader?.close();
    }
  }

  private reader(batch: number): WindowReader {
    const { sessions, movies, cache, frameBytes } = this;
    const { height, width, channels = 1, lags, stimDtype: dtype = "uint8" } = sessions[0]!;
    const shape = [batch, lags.length, height, width, channels];
    return new WindowReader(movies, { shape, lags, dtype, frameBytes, cache });
  }

  private get frameBytes(): number {
    const first = this.sessions[0]!;
    return movieBytes(first) / first.frames;
  }

  /**
   * Locates each sample, given its row among the frames of all sessions. Returns its row among the frames on the device, -1 if it is in host
   * memory; and for the thread its session, -1 if it is on the device, and its frame within the session.
   */
  private located({ frame: globalRows }: SessionBatch) {
    const { firsts, deviceFirsts, placed } = this;
    const session = globalRows.map((row) => firsts.findLastIndex((first) => first <= row));
    const frame = globalRows.map((row, i) => row - firsts[session[i]!]!);
    const row = frame.map((t, i) => (placed[session[i]!] ? deviceFirsts[session[i]!]! + t : -1));
    return { row, frame, session: session.map((d) => (placed[d] ? -1 : d)) };
  }
}

/** Returns a movie's bytes in shared memory: unchanged if they are already there, else a copy. */
function shared({ buffer, byteOffset, byteLength }: PreparedSession["stim"]): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(byteLength));
  copy.set(bytes);
  return copy;
}
