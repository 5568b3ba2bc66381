import type { Worker } from "node:worker_threads";
import { startThread } from "../../base/thread/start-thread";
import { type ResidentDtype, type ResidentTensor, SharedMemory, sharedTensor } from "../../engine";
import type { WindowRequest, WindowThreadData } from "./window-thread";

/**
 * A thread that gathers windows of movies in host memory, batch after batch, into two buffers by turns. Each pass over the data has a
 * reader of its own, so the thread ends with its pass, and its errors are errors of that pass.
 */
export class WindowReader {
  private readonly thread: Worker;
  private readonly tensors: readonly ResidentTensor[];
  private readonly waiting: { resolve: (buffer: number) => void; reject: (error: Error) => void }[] = [];
  private turn = 0;

  /**
   * @param movies of each session, whole frames; undefined where none is asked for
   * @param shape of a batch's windows, `[batch, lags, height, width]`
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
      // A batch that is waited for keeps the process up, the thread alone does not.
      if (this.waiting.length === 0) this.thread.unref();
    });
    this.thread.on("error", (error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error as Error);
    });
    this.thread.unref();
  }

  /**
   * Begins to gather; the batch before the last must not be needed any more.
   *
   * @returns the windows, this reader's to dispose; rejects with what went wrong in the thread
   */
  read(session: Int32Array, frame: Int32Array): Promise<ResidentTensor> {
    const buffer = this.turn++ % this.tensors.length;
    const windows = new Promise<number>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.thread.ref();
    this.thread.postMessage({ buffer, session, frame } satisfies WindowRequest);
    const tensor = windows.then((filled) => this.tensors[filled]!);
    // It is told to whoever waits for this batch, and that may be later.
    tensor.catch(() => {});
    return tensor;
  }

  /** Ends the thread; windows that nobody waits for any more are not heard of. */
  async close(): Promise<void> {
    // A process that only waits for the end would otherwise be over, and an answer on its way would let it be so again.
    this.thread.removeAllListeners("message");
    this.thread.ref();
    await this.thread.terminate();
    for (const tensor of this.tensors) tensor.dispose();
  }
}
