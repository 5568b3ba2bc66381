import { type Compiled, type CompileOptions, compile, tf } from "../engine";
import type { Metrics } from "./events";
import type { Batches, TracedBatch, TrainingModule } from "./module";
import type { Ranks } from "./ranks";
import { toTensors } from "./to-tensors";

/** Adds up a module's validation sums over batches; a module that has none gets the means of its loss and metrics. */
export class ValidationSums {
  private readonly step: Compiled<[TracedBatch], tf.Tensor>;
  private names: readonly string[] = [];

  constructor(
    private readonly module: TrainingModule,
    how: CompileOptions,
    private readonly ranks?: Ranks,
  ) {
    this.step = compile(
      (batch: TracedBatch) => (module.validationSums ? module.validationSums(batch) : this.sums(batch)),
      { ...how, name: "validation step" },
    );
  }

  /**
   * Several processes take a batch each, in turns: every sample counts once.
   *
   * @param limit at most so many batches
   * @param ending asked after each batch; when true, nothing is returned
   */
  async of(
    batches: Batches,
    limit = Number.POSITIVE_INFINITY,
    ending = () => false,
  ): Promise<Metrics | undefined> {
    const { ranks } = this;
    const { rank = 0, worldSize = 1 } = ranks ?? {};
    let sums: Float64Array | undefined;
    let number = 0;
    for await (const batch of batches) {
      if (ending()) return undefined;
      if (number >= limit) break;
      // The first tells each process how many sums there are.
      if (number++ % worldSize !== rank && sums) continue;
      const { tensors, made } = toTensors(batch);
      const added = await this.step(tensors);
      const values = added.dataSync();
      sums ??= new Float64Array(values.length);
      if ((number - 1) % worldSize === rank) for (let i = 0; i < values.length; i++) sums[i]! += values[i]!;
      tf.dispose([added, made]);
      ranks?.link.moved(0, "working");
    }
    sums ??= new Float64Array(0);
    const total = ranks ? await ranks.addUp(sums) : sums;
    if (this.module.validationMetrics) return this.module.validationMetrics(total);
    if (total.length === 0) return {};
    const count = total[0]!;
    return Object.fromEntries(this.names.map((name, i) => [name, total[i + 1]! / count]));
  }

  /** Traced: 1, the loss and its metrics. */
  private sums(batch: TracedBatch): tf.Tensor {
    const { loss, metrics = {} } = this.module.loss(batch);
    this.names = ["val_loss", ...Object.keys(metrics).map((name) => `val_${name}`)];
    return tf.stack([tf.scalar(1), tf.reshape(loss, []), ...Object.values(metrics)]);
  }

  dispose(): void {
    this.step.dispose();
  }
}
