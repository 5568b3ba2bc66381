import { tf } from "../engine";
import type { Metrics } from "../trainer/events";
import type { TracedBatch, TrainedParameter, TrainingLoss, TrainingModule } from "../trainer/module";
import { indexBatches } from "./index-batches";

/** As much of a tfjs-layers model as is needed: what `tf.sequential` and `tf.model` make. */
export interface LayersModel {
  readonly name: string;
  readonly trainableWeights: readonly LayerWeight[];
  readonly nonTrainableWeights: readonly LayerWeight[];
  apply(inputs: tf.Tensor, kwargs?: { training: boolean }): unknown;
}

interface LayerWeight {
  /** Such as `conv2d_Conv2D1/kernel`. */
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  read(): tf.Tensor;
}

/** Samples and what the model should say of them, the first axis counting samples. */
export interface Examples {
  x: tf.Tensor;
  y: tf.Tensor;
}

export interface LayersModuleOptions {
  /** They stay the caller's to dispose. */
  train: Examples;
  /** Default: nothing is validated. */
  validation?: Examples;
  /** Of each sample, `[B]`, from the model's output and the sample's `y`. */
  loss(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D;
  /** Of each sample, `[B]`, such as 1 where the class is right; logged as `train_<name>` and `val_<name>`. */
  metrics?: Readonly<Record<string, (output: tf.Tensor, y: tf.Tensor) => tf.Tensor1D>>;
}

/**
 * A tfjs-layers model as a module that the trainer trains: compiled steps, callbacks, plots, checkpoints and resuming as for any
 * other. Batch norm's running statistics are saved with the weights; Dropout draws afresh in each step.
 *
 * @example
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [64], units: 10 })] });
 * const run = await new Trainer({ maxEpochs: 10 }).fit(layersModule(model, {
 *   train, validation,
 *   loss: (logits, y) => tf.losses.softmaxCrossEntropy(tf.oneHot(y, 10), logits, undefined, undefined, tf.Reduction.NONE),
 *   metrics: { accuracy: (logits, y) => tf.equal(tf.argMax(logits, 1), y) },
 * }));
 */
export function layersModule(
  model: LayersModel,
  { train, validation, loss, metrics = {} }: LayersModuleOptions,
): TrainingModule {
  const names = Object.keys(metrics);
  const count = { train: train.x.shape[0]!, validation: validation?.x.shape[0] ?? 0 };
  /** Loss and metrics of each sample, `[B]` each. */
  const scores = ({ x, y }: Examples, index: tf.Tensor1D, mode: { training: boolean }): tf.Tensor1D[] => {
    const output = model.apply(tf.gather(x, index), mode) as tf.Tensor;
    const own = tf.gather(y, index);
    return [loss, ...Object.values(metrics)].map((of) => tf.cast(of(output, own), "float32"));
  };
  return {
    ...indexBatches(count),
    parameters: model.trainableWeights.map(parameterOf),
    state: model.nonTrainableWeights.map(parameterOf),
    config: { model: { type: "layers", name: model.name } },
    loss({ index }: TracedBatch): TrainingLoss {
      const [own, ...others] = scores(train, index as tf.Tensor1D, { training: true }).map((each) =>
        tf.mean<tf.Scalar>(each),
      );
      return { loss: own!, metrics: Object.fromEntries(names.map((name, i) => [name, others[i]!])) };
    },
    /** Sums over the samples that are there, and how many they are. */
    validationSums({ index }: TracedBatch): tf.Tensor {
      const there = tf.cast(tf.greaterEqual(index!, 0), "float32");
      const each = scores(validation!, tf.maximum(index!, tf.scalar(0, "int32")), { training: false });
      return tf.stack([...each.map((values) => tf.sum(tf.mul(values, there))), tf.sum(there)]);
    },
    validationMetrics(sums: Float64Array): Metrics {
      const samples = sums.at(-1)!;
      return Object.fromEntries(["loss", ...names].map((name, i) => [`val_${name}`, sums[i]! / samples]));
    },
    forward: ({ x }: TracedBatch) => model.apply(x!, { training: false }) as tf.Tensor,
  };
}

/** A layer's weight is a variable of tfjs's, which `read` gives. */
function parameterOf(weight: LayerWeight): TrainedParameter {
  const name = weight.originalName.replaceAll("/", ".");
  return { name, variable: weight.read() as tf.Variable, decay: weight.shape.length > 1 };
}
