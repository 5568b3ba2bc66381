/** An error of a request that would fail again, because the server rejected its content. */
export class RefusedError extends Error {}

/** The limits and pauses of an outbox. */
export interface OutboxOptions {
  /** The maximum number of queued items; the oldest is dropped for a newer one. */
  limit: number;
  /** Milliseconds between two deliveries. After a failure the pause doubles, up to thirty seconds. */
  every: number;
  /** Receives one sentence for each problem: when deliveries begin to fail, are rejected, or items are dropped. */
  warn(message: string): void;
}

const LONGEST_PAUSE_MS = 30_000;

/**
 * Delivers items in order and in the background. Failed deliveries are repeated, so that the server may be down for a
 * while.
 */
export class Outbox<Item> {
  private readonly items: Item[] = [];
  private pause: number;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private failing = false;
  private dropped = 0;

  /**
   * @param deliver sends some of the first items and returns how many; throws when the server cannot be reached, and `RefusedError`
   * with the number of refused items as its `cause` when repeating does not help
   */
  constructor(
    private readonly deliver: (items: readonly Item[]) => Promise<number>,
    private readonly options: OutboxOptions,
  ) {
    this.pause = options.every;
  }

  push(item: Item): void {
    this.items.push(item);
    if (this.items.length > this.options.limit) this.drop();
    this.timer ??= setTimeout(() => this.flush(), this.pause).unref();
  }

  /** Delivers the queued items within a time limit. @returns the number of items that are left */
  async drain(milliseconds: number): Promise<number> {
    const end = Date.now() + milliseconds;
    this.pause = this.options.every;
    while (this.items.length > 0 && Date.now() < end) {
      await this.flush();
      if (this.failing) await new Promise((resolve) => setTimeout(resolve, this.options.every));
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.items.length;
  }

  private async flush(): Promise<void> {
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      while (this.items.length > 0) {
        const before = this.dropped;
        const sent = await this.deliver(this.items);
        // Items that were dropped in the meantime were among those sent.
        this.items.splice(0, Math.max(0, sent - (this.dropped - before)));
        this.failing = false;
        this.pause = this.options.every;
      }
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private fail(error: Error): void {
    if (error instanceof RefusedError) {
      this.items.splice(0, Number(error.cause ?? 1));
      this.options.warn(error.message);
    } else {
      if (!this.failing)
        this.options.warn(`${error.message}; sending is retried, and the training continues`);
      this.failing = true;
      this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
    }
    if (this.items.length > 0) this.timer = setTimeout(() => this.flush(), this.pause).unref();
  }

  private drop(): void {
    this.items.shift();
    if (this.dropped++ === 0)
      this.options.warn(`more than ${this.options.limit} events are queued: the oldest are dropped`);
  }
}
