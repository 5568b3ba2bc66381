import { ConfigError } from "../base/config";
import type { Batch, BatchRequest, BatchSource } from "../protocols/module";
import type { BatchPosition } from "./checkpoint/state";
import type { CheckedOptions } from "./options";

/** An endless sequence of passes over the training data, which can start at any position. */
export class BatchIterator {
  private batches: Iterator<Batch> | AsyncIterator<Batch> | undefined;

  /**
   * @param perStep the number of batches in one optimizer step
   * @param always the number of batches at the start of the first pass that are served repeatedly; 0 serves all batches
   */
  constructor(
    private readonly source: BatchSource,
    private readonly request: Pick<BatchRequest, "batchSize" | "seed" | "rank" | "worldSize">,
    private readonly perStep: number,
    private readonly always = 0,
    readonly position: BatchPosition = { pass: 0, batch: 0, taken: 0 },
  ) {}

  /** Returns the next batch. @throws ConfigError when a pass has no batch */
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

  /** Closes the current pass. */
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

/** Returns the training batches of this process in a fit, from a position on. Default: from the first. */
export function feedOf(
  fit: { source: BatchSource; options: CheckedOptions; rank: number; worldSize: number },
  position?: BatchPosition,
): BatchIterator {
  const { source, options, rank, worldSize } = fit;
  const { batchSize, seed, accumulateGradBatches, overfitBatches } = options;
  const request = { batchSize, seed, rank, worldSize };
  return new BatchIterator(source, request, accumulateGradBatches, overfitBatches, position);
}
