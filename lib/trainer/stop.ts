import type { Stopped } from "../protocols/events";

/** Where our kernel leaves the signal of the cell that runs. */
const CELL_SIGNAL = Symbol.for("gradbook.signal");

/**
 * Turns Ctrl-C, the notebook's stop button (SIGINT), SIGTERM and an AbortSignal into a wish that the training loop grants at
 * the next batch boundary, after which it saves and `fit` returns. A second process signal has its usual effect, at once.
 */
export class StopSignal {
  /** Why to stop, as soon as somebody asked. */
  reason: Stopped | undefined;

  private aborts: AbortSignal[] = [];

  private readonly onSignal = () => {
    this.release();
    this.request("interrupted");
  };

  /**
   * Begins to listen, but never within the synchronous start of a notebook's cell: stock tslab runs that with Node's
   * `breakOnSigint`, after which a listener added meanwhile is deaf and the signal would end the kernel.
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

  /** The first reason stands. */
  request(reason: Stopped): void {
    this.reason ??= reason;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
