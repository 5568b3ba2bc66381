import { tf } from "../../lib/engine";
import type { Model } from "../../lib/model";
import type {
  Batch,
  BatchRequest,
  TracedBatch,
  TrainingLoss,
  TrainingModule,
} from "../../lib/protocols/module";
import { BatchModule, type ReadyBatch } from "../../lib/twin/batch-module";

/** A module that notes when each batch was asked for, `performance.now()`. */
export interface Served extends TrainingModule {
  readonly served: number[];
  trainBatches(request?: Partial<BatchRequest>): Iterable<Batch>;
}

/** A model of the benchmark on batches that are ready in memory, in turn and without end: what is left is the step. */
export class BenchModule extends BatchModule implements Served {
  readonly served: number[] = [];

  constructor(model: Model, batches: readonly ReadyBatch[]) {
    super(model, batches);
  }

  override *trainBatches(): Iterable<Batch> {
    for (const batch of super.trainBatches()) {
      this.served.push(performance.now());
      yield batch;
    }
  }
  override validationBatches(): Iterable<Batch> {
    return [];
  }
  override validationMetrics() {
    return {};
  }
}

/** One weight and nothing to compute: what is left is the loop. */
export class OneWeight implements Served {
  readonly served: number[] = [];
  readonly config = {};
  readonly state = [];
  readonly parameters = [
    {
      name: "head.weight",
      variable: tf.tidy(() => tf.variable(tf.scalar(1))),
      group: "head" as const,
      decay: false,
    },
  ];
  private readonly batch = { x: tf.tensor1d([1, 2]) };

  trainBatchCount(): number {
    return 1;
  }
  *trainBatches(): Iterable<Batch> {
    this.served.push(performance.now());
    yield this.batch;
  }
  validationBatches(): Iterable<Batch> {
    return [];
  }
  validationSums(): tf.Tensor {
    return tf.zeros([1]);
  }
  validationMetrics() {
    return {};
  }
  loss({ x }: TracedBatch): TrainingLoss {
    return { loss: tf.sum(tf.mul(x!, this.parameters[0]!.variable)), present: tf.ones([1]) };
  }
}
