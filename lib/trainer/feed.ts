import { ConfigError } from "../base/config";
import type { Batch, BatchRequest, BatchSource } from "../protocols/module";
import type { FeedPosition } from "./checkpoint/state";

/** Pass after pass over the training data, without end, from any position. */
export class Feed {
  private batches: Iterator<Batch> | AsyncIterator<Batch> | undefined;

  /**
   * @param perStep batches of one optimizer step
   * @param always the same so many batches of the first pass, or 0 for all
   */
  constructor(
    private readonly source: BatchSource,
    private readonly request: Pick<BatchRequest, "batchSize" | "seed" | "rank" | "worldSize">,
    private readonly perStep: number,
    private readonly always = 0,
    readonly position: FeedPosition = { pass: 0, batch: 0, taken: 0 },
  ) {}

  /** @throws ConfigError when a pass has no batch */
  async next(): Promise<Batch> {
    const { position } = this;
    for (;;) {
      const whole = this.always > 0 && position.batch >= this.always;
      this.batches ??= this.open();
      const found = whole ? { done: true as const } : await this.batches.next();
      if (!found.done) {
        position.batch++;
        position.taken++;
        return found.value as Batch;
      }
      if (position.batch === 0) {
        const message = `the data serves no batch of ${this.request.batchSize}; give a smaller one`;
        throw new ConfigError("Trainer", [{ path: "batchSize", message }]);
      }
      await this.close();
      position.pass++;
      position.batch = 0;
    }
  }

  /** Lets go of the pass that was going on. */
  async close(): Promise<void> {
    await this.batches?.return?.();
    this.batches = undefined;
  }

  private open(): Iterator<Batch> | AsyncIterator<Batch> {
    const { pass, batch, taken } = this.position;
    const start = taken - batch;
    const stepOf = (number: number) => Math.floor((start + number) / this.perStep);
    const request = { ...this.request, pass: this.always > 0 ? 0 : pass, from: batch, stepOf };
    const batches = this.source.trainBatches(request);
    return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  }
}
