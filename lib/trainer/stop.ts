import type { Stopped } from "./events";

/**
 * Turns Ctrl-C, the notebook's stop button (SIGINT) and SIGTERM into a wish that the training loop grants at the next
 * batch boundary, after which it saves and `fit` returns. A second signal has its usual effect, at once.
 */
export class StopSignal {
  /** Why to stop, as soon as somebody asked. */
  reason: Stopped | undefined;

  private readonly onSignal = () => {
    this.release();
    this.request("interrupted");
  };

  /**
   * Begins to listen, but never within the synchronous start of a notebook's cell: stock tslab runs that with Node's
   * `breakOnSigint`, after which a listener added meanwhile is deaf and the signal would end the kernel.
   */
  async listen(): Promise<void> {
    await Promise.resolve();
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  /** The first reason stands. */
  request(reason: Stopped): void {
    this.reason ??= reason;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
