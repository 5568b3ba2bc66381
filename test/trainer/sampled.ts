import { ByDatasetBatchSampler } from "../../lib/data/samplers/by-dataset";
import { ContrastWeightedSampler } from "../../lib/data/samplers/contrast-weighted";
import { DistributedSampler } from "../../lib/data/samplers/distributed";
import { tf } from "../../lib/engine";
import type {
  Batch,
  BatchRequest,
  TracedBatch,
  TrainingLoss,
  TrainingModule,
} from "../../lib/protocols/module";

const SAMPLES = 40;
const WARM_UP = 12;
const contrast = Array.from({ length: SAMPLES }, (_, i) => 0.2 + (i % 7) / 5);

/** The sample numbers of the batches of a pass, for each sampler. */
export const samplers = {
  *shuffled({ batchSize, seed, pass, from = 0 }: BatchRequest) {
    const sampler = new DistributedSampler(SAMPLES, { seed });
    sampler.setEpoch(pass);
    const order = sampler.indices();
    for (let i = from; i < SAMPLES / batchSize; i++) yield order.slice(i * batchSize, (i + 1) * batchSize);
  },
  *curriculum({ batchSize, seed, pass, from = 0, stepOf }: BatchRequest) {
    const sampler = new ContrastWeightedSampler(contrast, { seed, warmupSteps: WARM_UP });
    sampler.setEpoch(pass);
    sampler.setStep(stepOf!(from));
    const draws = sampler.indices(from * batchSize);
    for (let i = from; i < SAMPLES / batchSize; i++) {
      sampler.setStep(stepOf!(i));
      yield Int32Array.from({ length: batchSize }, () => draws.next().value as number);
    }
  },
  *byDataset({ batchSize, seed, pass, from = 0, stepOf }: BatchRequest) {
    const sizes = [SAMPLES - 10, 10];
    const parts = [contrast.slice(0, SAMPLES - 10), contrast.slice(SAMPLES - 10)];
    const sampler = new ByDatasetBatchSampler(sizes, {
      batchSize,
      seed,
      contrast: parts,
      warmupSteps: WARM_UP,
    });
    sampler.setEpoch(pass);
    sampler.setStep(stepOf!(from));
    let i = from;
    for (const { dataset, index } of sampler.batches(from)) {
      yield index.map((sample, k) => sample + dataset[k]! * sizes[0]!);
      sampler.setStep(stepOf!(++i));
    }
  },
} as const;

/**
 * A small network with dropout on sampled rows, which are served asynchronously; batches and random numbers differ in
 * every step.
 */
export class Sampled implements TrainingModule {
  readonly parameters = [
    { name: "core.weight", variable: weight([3, 4], 1), group: "core" as const },
    { name: "head.weight", variable: weight([4, 1], 2) },
    { name: "head.bias", variable: weight([1], 3) },
  ];

  constructor(private readonly source: keyof typeof samplers) {}

  trainBatchCount(batchSize: number): number {
    return Math.floor(SAMPLES / batchSize);
  }
  async *trainBatches(request: BatchRequest): AsyncIterable<Batch> {
    for (const rows of samplers[this.source](request)) yield { rows };
  }
  *validationBatches({ batchSize }: BatchRequest): Iterable<Batch> {
    for (let i = 0; i < 2; i++) yield { rows: Int32Array.from({ length: batchSize }, (_, k) => 4 * i + k) };
  }
  loss({ rows }: TracedBatch, rng?: Parameters<TrainingModule["loss"]>[1]): TrainingLoss {
    const [core, head, bias] = this.parameters.map(({ variable }) => variable);
    const real = tf.cast(rows!, "float32");
    const x = tf.stack([tf.sin(real), tf.cos(real), tf.div(real, SAMPLES)], 1) as tf.Tensor2D;
    const hidden = tf.tanh(tf.matMul(x, core as tf.Tensor2D));
    const kept = rng ? tf.mul(hidden, tf.greater(rng.uniform(hidden.shape, "hidden"), 0.3)) : hidden;
    const out = tf.add(tf.matMul(kept as tf.Tensor2D, head as tf.Tensor2D), bias!);
    const error = tf.sub(tf.squeeze(out, [1]), tf.sin(tf.mul(real, 2)));
    return { loss: tf.mean(tf.square(error)), metrics: { mae: tf.mean(tf.abs(error)) } };
  }
  dispose(): void {
    tf.dispose(this.parameters.map(({ variable }) => variable));
  }
}

function weight(shape: number[], seed: number): tf.Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tidy(() =>
    tf.variable(
      tf.tensor(
        Array.from({ length: size }, (_, i) => Math.sin(seed * 7 + i) / 2),
        shape,
      ),
    ),
  );
}
