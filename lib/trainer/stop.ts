import type { Stopped } from "../protocols/events";

/** The key under which the gradbook kernel stores the signal of the running cell. */
const CELL_SIGNAL = Symbol.for("gradbook.signal");

/**
 * Records Ctrl-C, the notebook's stop button (SIGINT), SIGTERM and an AbortSignal as a request to stop. The training
 * loop stops at the next batch boundary, saves, and `fit` returns. A second process signal has its usual effect
 * immediately.
 */
export class StopSignal {
  /** The reason to stop; undefined until a stop is requested. */
  reason: Stopped | undefined;

  private aborts: AbortSignal[] = [];

  private readonly onSignal = () => {
    this.release();
    this.request("interrupted");
  };

  /**
   * Starts to listen, but never during the synchronous start of a notebook cell: stock tslab runs that with Node's
   * `breakOnSigint`, which disables listeners that are added meanwhile, so that the signal would end the kernel.
   */
  async listen(given?: AbortSignal): Promise<void> {
    await Promise.resolve();
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
    const ofCell = (globalThis as { [CELL_SIGNAL]?: unknown })[CELL_SIGNAL];
    this.aborts = [given, ofCell].filter((each) => each instanceof AbortSignal);
    for (const abort of this.aborts) {
      if (abort.aborted) this.request("interrupted");
      abort.addEventListener("abort", this.onSignal);
    }
  }

  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
    for (const abort of this.aborts) abort.removeEventListener("abort", this.onSignal);
  }

  /** Requests a stop. The first reason is kept. */
  request(reason: Stopped): void {
    this.reason ??= reason;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
