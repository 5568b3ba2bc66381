import type { Worker } from "node:worker_threads";
import { startThread } from "../../base/thread/start-thread";
import { type ResidentDtype, type ResidentTensor, SharedMemory, sharedTensor } from "../../engine/resident";
import type { PreparedSession } from "../prepare-recording";
import { offsets } from "../samplers/sampler";
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
  private turn = 0;

  /**
   * @param movies the movie of each session, in whole frames; undefined for sessions that are not read
   * @param shape the shape of a batch's windows, `[batch, lags, height, width, channels]`
   */
  constructor(
    movies: WindowThreadData["movies"],
    {
      shape,
      frameBytes,
      lags,
      dtype,
    }: { shape: readonly number[]; frameBytes: number; lags: readonly number[]; dtype: ResidentDtype },
  ) {
    const memory = [0, 1].map(() => new SharedMemory(shape[0]! * lags.length * frameBytes));
    this.tensors = memory.map((each) => sharedTensor(each, [...shape], dtype));
    const buffers = memory.map(({ values }) => values);
    const data: WindowThreadData = { movies, frameBytes, lags, buffers };
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
    await this.thread.terminate();
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

/** The movies that are not on the device. A thread gathers each batch's windows while the previous step runs. */
export class HostMovies {
  private readonly movies: readonly (Uint8Array | undefined)[];
  /** The first row of each session among the frames of all sessions. */
  private readonly firsts: readonly number[];
  /** The first row of each session among the frames on the device. */
  private readonly deviceFirsts: readonly number[];

  /** @param placed whether each session is on the device */
  constructor(
    private readonly sessions: readonly PreparedSession[],
    private readonly placed: readonly boolean[],
    private readonly dtype: ResidentDtype,
  ) {
    this.movies = sessions.map(({ stim }, i) => (placed[i] ? undefined : shared(stim)));
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
    const { sessions, dtype, movies } = this;
    const { height, width, channels = 1, lags, stim, frames } = sessions[0]!;
    const shape = [batch, lags.length, height, width, channels];
    return new WindowReader(movies, { shape, lags, dtype, frameBytes: stim.byteLength / frames });
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
