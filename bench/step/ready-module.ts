import { tf } from "../../lib/engine";
import type { Model } from "../../lib/model";
import type { Parameter } from "../../lib/nn";
import { poissonLoss } from "../../lib/objective";
import type { Batch, TracedBatch, TrainingLoss, TrainingModule } from "../../lib/trainer/module";
import type { StepBatch } from "./batches";

/** Serves batches that are ready in memory, in turn and without end, and notes when: what is left is the step. */
abstract class ReadyModule<B extends Batch> implements TrainingModule {
  abstract readonly parameters: readonly Parameter[];
  abstract readonly state: readonly Parameter[];
  readonly config = {};
  /** When each batch was asked for, `performance.now()`. */
  readonly served: number[] = [];

  constructor(readonly batches: readonly B[]) {}

  abstract loss(batch: TracedBatch): TrainingLoss;

  trainBatchCount(): number {
    return this.batches.length;
  }
  *trainBatches(): Iterable<Batch> {
    for (const batch of this.batches) {
      this.served.push(performance.now());
      yield batch;
    }
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
}

/** A model of the benchmark as the trainer wants it. */
export class BenchModule extends ReadyModule<StepBatch> {
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];

  constructor(
    private readonly model: Model,
    batches: readonly StepBatch[],
  ) {
    super(batches);
    this.parameters = model.parameters;
    this.state = model.state;
  }

  loss(batch: TracedBatch): TrainingLoss {
    const { robs, mask, ...input } = batch as StepBatch;
    const { model } = this;
    const rate = model.forward(input, { training: true });
    return poissonLoss({ rate, robs, mask, unitDataset: model.unitDataset }, { logRate: model.logRate });
  }
}

/** One weight and nothing to compute: what is left is the loop. */
export class OneWeight extends ReadyModule<{ x: tf.Tensor1D }> {
  readonly parameters = [
    {
      name: "head.weight",
      variable: tf.tidy(() => tf.variable(tf.scalar(1))),
      group: "head" as const,
      decay: false,
    },
  ];
  readonly state = [];

  constructor() {
    super([{ x: tf.tensor1d([1, 2]) }]);
  }

  loss({ x }: TracedBatch): TrainingLoss {
    return { loss: tf.sum(tf.mul(x!, this.parameters[0]!.variable)), present: tf.ones([1]) };
  }
}
