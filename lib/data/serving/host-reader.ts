import type { Worker } from "node:worker_threads";
import { product } from "../../base/arrays/shape";
import { startThread } from "../../base/thread/start-thread";
import { type ResidentDtype, type ResidentTensor, SharedMemory, sharedTensor } from "../../engine/resident";
import { releaseLock } from "./block-cache";
import type { HostBuffer, HostMovies, HostRequest, HostTable, HostThreadData } from "./host-thread";

/** The data in host memory of which a thread gathers the values of a batch. */
export interface HostSources {
  /** The movies, with the shape and the storage type of a frame; none when all are on the device. */
  readonly movies?:
    | (HostMovies & { readonly shape: readonly number[]; readonly dtype: ResidentDtype })
    | undefined;
  readonly tables: readonly HostTable[];
}

/** The values of a batch. The reader disposes them. */
export interface HostValues {
  /** `[batch, lags, height, width, channels]`, in the movies' storage type; arbitrary values for samples of other movies. */
  readonly windows?: ResidentTensor;
  /** `[batch, lags, width]` of each table, float32; 0 for samples of other sessions and for padding. */
  readonly rows: readonly ResidentTensor[];
}

/** The memory of one batch, and the tensors over it. */
interface BatchBuffer {
  readonly memory: HostBuffer;
  readonly values: HostValues;
}

/**
 * A thread that gathers batches from host memory. Batches of one length alternate between two buffers. Each pass over the data has a
 * separate reader, so the thread ends with its pass, and its errors are errors of that pass.
 */
export class HostReader {
  private readonly thread: Worker;
  /** The two buffers of each length of a batch, the next one first. */
  private readonly buffers = new Map<number, [BatchBuffer, BatchBuffer]>();
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly sources: HostSources) {
    const { movies, tables } = sources;
    const data: HostThreadData = { movies, tables };
    this.thread = startThread(`${__dirname}/host-thread`, { workerData: data, name: "batches" });
    this.thread.on("message", () => {
      this.waiting.shift()!.resolve();
      // A pending batch keeps the process alive; the idle thread does not.
      if (this.waiting.length === 0) this.thread.unref();
    });
    this.thread.on("error", (error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error as Error);
    });
    this.thread.unref();
  }

  /**
   * Starts to gather a batch. This overwrites the buffer of the batch before the last, if that has the same length.
   *
   * @returns the values; rejects with the thread's error
   */
  read(batch: Omit<HostRequest, "buffer">): Promise<HostValues> {
    const { memory, values } = this.next(batch.session.length);
    const gathered = new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.thread.ref();
    this.thread.postMessage({ buffer: memory, ...batch } satisfies HostRequest);
    const filled = gathered.then(() => values);
    // Prevents an unhandled rejection: the error reaches the code that awaits this batch later.
    filled.catch(() => {});
    return filled;
  }

  /** Returns the buffer for the next batch of a length. */
  private next(length: number): BatchBuffer {
    const { sources, buffers } = this;
    const [next, other] = buffers.get(length) ?? [bufferOf(sources, length), bufferOf(sources, length)];
    buffers.set(length, [other, next]);
    return next;
  }

  /** Ends the thread. The promises of pending batches never settle. */
  async close(): Promise<void> {
    // Keeps the process alive until the thread has ended. Without its listeners, a late answer cannot unref the thread again.
    this.thread.removeAllListeners("message");
    this.thread.ref();
    const { threadId } = this.thread;
    await this.thread.terminate();
    const cache = this.sources.movies?.cache;
    if (cache) releaseLock(cache.memory, threadId);
    for (const { values } of [...this.buffers.values()].flat())
      for (const tensor of [values.windows, ...values.rows]) tensor?.dispose();
  }
}

/** Allocates the memory of one batch, and makes tensors over it. */
function bufferOf({ movies, tables }: HostSources, batch: number): BatchBuffer {
  const windows = movies && new SharedMemory(batch * movies.lags.length * movies.frameBytes);
  const sizes = tables.map(({ lags, width }) => [batch, lags.length, width]);
  const rows = sizes.map((size) => new SharedMemory(4 * product(size)));
  return {
    memory: {
      windows: windows?.values,
      rows: rows.map(
        ({ values: { buffer, byteOffset, byteLength } }) =>
          new Float32Array(buffer, byteOffset, byteLength / 4),
      ),
    },
    values: {
      ...(windows && movies
        ? { windows: sharedTensor(windows, [batch, movies.lags.length, ...movies.shape], movies.dtype) }
        : {}),
      rows: rows.map((memory, i) => sharedTensor(memory, sizes[i]!, "float32")),
    },
  };
}
