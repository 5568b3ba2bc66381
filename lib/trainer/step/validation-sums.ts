import { type Compiled, type CompileOptions, compile, tf } from "../../engine";
import { meanMeasure } from "../../metrics/measure";
import type { Metrics } from "../../protocols/events";
import type { Batch, Batches, TracedBatch, TrainingModule } from "../../protocols/module";
import type { Ranks } from "../distributed/ranks";
import { lossOf } from "./loss-of";
import { OwnSums, Scores, type Scoring, scoringsOf } from "./scores";
import { toTensors } from "./to-tensors";

/** Scores a module on batches: by its own sums, or else by its loss and metrics over all samples. */
export class ValidationSums {
  private readonly step: Compiled<[TracedBatch], tf.Tensor[]>;
  private scorings: readonly Scoring[] = [];

  constructor(
    private readonly module: TrainingModule,
    how: CompileOptions,
    private readonly ranks?: Ranks,
  ) {
    this.step = compile(
      (batch: TracedBatch) => (module.validationSums ? [module.validationSums(batch)] : this.numbers(batch)),
      { ...how, name: "validation step" },
    );
  }

  /**
   * Scores the module on all batches. Several processes take a batch each, in turns: every sample counts once.
   *
   * @param limit the largest number of batches
   * @param ending asked after each batch; when true, nothing is returned
   */
  async of(
    batches: Batches,
    limit = Number.POSITIVE_INFINITY,
    ending = () => false,
  ): Promise<Metrics | undefined> {
    const { ranks, module } = this;
    const { rank = 0, worldSize = 1 } = ranks ?? {};
    const tally = module.validationSums ? new OwnSums(module) : new Scores();
    let number = 0;
    for await (const batch of batches) {
      if (ending()) return undefined;
      if (number >= limit) break;
      const own = number % worldSize === rank;
      // Every process computes the first batch: it shows which numbers there are.
      if (own || number === 0) {
        const numbers = await this.numbersOf(batch);
        tally.expect(this.scorings, numbers);
        if (own) tally.add(numbers);
        ranks?.link.moved(0, "working");
      }
      number++;
    }
    return tally.metrics("val_", ranks);
  }

  private async numbersOf(batch: Batch): Promise<Float32Array[]> {
    const { tensors, made } = toTensors(batch);
    const found = await this.step(tensors);
    const numbers = found.map((each) => each.dataSync() as Float32Array);
    tf.dispose([found, made]);
    return numbers;
  }

  /** The numbers of the loss and of each metric. Traced. */
  private numbers(batch: TracedBatch): tf.Tensor[] {
    const { loss, samples, metrics } = lossOf(this.module, batch);
    const all = { loss: meanMeasure(loss, samples), ...metrics };
    this.scorings = scoringsOf(all);
    return Object.values(all).map(({ numbers }) => numbers);
  }

  dispose(): void {
    this.step.dispose();
  }
}
