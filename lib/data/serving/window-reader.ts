import type { Worker } from "node:worker_threads";
import { startThread } from "../../base/thread/start-thread";
import { type ResidentDtype, type ResidentTensor, SharedMemory, sharedTensor } from "../../engine";
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
   * @param shape the shape of a batch's windows, `[batch, lags, height, width]`
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

  /** Ends the thread and ignores pending windows. */
  async close(): Promise<void> {
    // Keeps the process alive until the thread has ended. Without its listeners, a late answer cannot unref the thread again.
    this.thread.removeAllListeners("message");
    this.thread.ref();
    await this.thread.terminate();
    for (const tensor of this.tensors) tensor.dispose();
  }
}
