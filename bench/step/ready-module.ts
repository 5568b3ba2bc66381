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

/** A module that records when each batch was requested, by `performance.now()`. */
export interface Served extends TrainingModule {
  readonly served: number[];
  trainBatches(request?: Partial<BatchRequest>): Iterable<Batch>;
}

/** A model of the benchmark that serves batches from memory in rotation, to measure the step alone. */
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

/** A module with one weight and no computation, to measure the loop alone. */
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
