import { tf } from "../../lib/engine";
import { metrics } from "../../lib/metrics/measures";
import type { Callback, FitContext } from "../../lib/protocols/callback";
import type {
  Batch,
  BatchRequest,
  BatchSource,
  FactoryReference,
  TracedBatch,
  TrainingLoss,
  TrainingModule,
} from "../../lib/protocols/module";

/** A user's module, y = 2 x + 1, that serves no batches and has a private sampler. */
export class Line implements TrainingModule {
  readonly recipe: FactoryReference = { module: __filename, name: "Line", options: {} };
  readonly parameters = ["weight", "bias"].map((name) => ({
    name,
    variable: tf.tidy(() => tf.variable(tf.scalar(0))),
  }));
  readonly data = { sampler: { setStep: (step: number) => console.log(`sampler at step ${step}`) } };

  loss({ x }: TracedBatch): TrainingLoss {
    const [weight, bias] = this.parameters.map(({ variable }) => variable);
    const real = tf.div(tf.cast(x!, "float32"), 4);
    const [output, y] = [tf.add(tf.mul(real, weight!), bias!), tf.add(tf.mul(real, 2), 1)];
    const squared = tf.square(tf.sub(output, y));
    const large = tf.cast(tf.greater(squared, 1), "float32") as tf.Tensor1D;
    return {
      loss: tf.mean<tf.Scalar>(squared),
      metrics: { large, rmse: metrics.rootMeanSquaredError(output, y) },
    };
  }

  values(): number[] {
    return this.parameters.map(({ variable }) => variable.dataSync()[0]!);
  }

  dispose(): void {
    tf.dispose(this.parameters.map(({ variable }) => variable));
  }
}

/** Six batches of integers, of which each process takes its share; the last validation batch is half as large. */
export class Numbers implements BatchSource {
  readonly recipe: FactoryReference;

  constructor(private readonly options: { readonly first: number }) {
    this.recipe = { module: __filename, name: "Numbers", options };
  }

  trainBatchCount(): number {
    return 6;
  }

  *trainBatches({ batchSize, pass, from = 0, rank = 0, worldSize = 1 }: BatchRequest): Iterable<Batch> {
    const all = batchSize * worldSize;
    for (let i = from; i < 6; i++)
      yield {
        x: Int32Array.from(
          { length: batchSize },
          (_, k) => this.options.first + ((7 * pass + i * all + k * worldSize + rank) % 9),
        ),
      };
  }

  *validationBatches({ batchSize }: BatchRequest): Iterable<Batch> {
    for (let i = 0; i < 3; i++) yield { x: new Int32Array(i < 2 ? batchSize : batchSize / 2).fill(i) };
  }
}

/** Stops all processes after a number of batches. */
export class Stopper implements Callback {
  readonly recipe: FactoryReference;
  private seen = 0;

  constructor(private readonly options: { readonly after: number }) {
    this.recipe = { module: __filename, name: "Stopper", options };
  }

  onTrainBatchEnd(context: FitContext): void {
    if (++this.seen === this.options.after) context.stop("interrupted");
  }
}
