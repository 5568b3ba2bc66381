import { tf } from "../../lib/engine";
import type {
  Batch,
  BatchRequest,
  TracedBatch,
  TrainingLoss,
  TrainingModule,
} from "../../lib/protocols/module";

/**
 * A linear regression y = 2 x on integers; its loss is the squared error. Starting at batch `breakAt`, `broken` batches
 * have an infinite loss.
 */
export class Toy implements TrainingModule {
  readonly weight = tf.tidy(() => tf.variable(tf.scalar(0)));
  readonly parameters = [
    { name: "head.weight", variable: this.weight, group: "head" as const, decay: false },
  ];
  readonly state = [];
  readonly config = { model: { type: "toy" } };
  onBatch: (batch: number) => void = () => {};

  constructor(
    private readonly breakAt = Number.POSITIVE_INFINITY,
    private readonly broken = 1,
  ) {}

  trainBatchCount(): number {
    return 10;
  }
  *trainBatches({ batchSize, seed, pass, from = 0 }: BatchRequest): Iterable<Batch> {
    for (let i = from; i < 10; i++) {
      this.onBatch(pass * 10 + i);
      const x = Int32Array.from({ length: batchSize }, (_, k) => ((k + i + seed) % 5) - 2);
      const since = pass * 10 + i - this.breakAt;
      if (since >= 0 && since < this.broken) x.fill(1_000_000);
      yield { x };
    }
  }
  *validationBatches({ batchSize }: BatchRequest): Iterable<Batch> {
    yield { x: Int32Array.from({ length: batchSize }, (_, k) => (k % 5) - 2) };
  }
  loss({ x }: TracedBatch): TrainingLoss {
    return { loss: tf.mean(this.errors(x!)), present: tf.ones([1]) };
  }
  validationSums({ x }: TracedBatch): tf.Tensor {
    const errors = this.errors(x!);
    return tf.stack([tf.sum(errors), tf.scalar(errors.size)]);
  }
  validationMetrics([sum, count]: Float64Array) {
    return { val_loss: sum! / count! };
  }
  dispose() {
    this.weight.dispose();
  }
  private errors(x: tf.Tensor): tf.Tensor {
    const real = tf.cast(x, "float32");
    // Beyond the integers of the data the loss is infinite.
    const guard = tf.where(
      tf.greater(real, 1000),
      tf.fill(real.shape, Number.POSITIVE_INFINITY),
      tf.zerosLike(real),
    );
    return tf.add(tf.square(tf.sub(tf.mul(real, this.weight), tf.mul(real, 2))), guard);
  }
}
