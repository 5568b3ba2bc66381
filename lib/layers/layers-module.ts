import { ConfigError } from "../base/config";
import { tf } from "../engine";
import { losses } from "../losses";
import type { Measure } from "../metrics/measure";
import type { BatchSource, TracedBatch, TrainedParameter, TrainingModule } from "../protocols/module";
import { arrayBatches } from "./array-batches";
import type { Arrays } from "./tables";

/** The properties that are needed of a tfjs-layers model, such as one from `tf.sequential` or `tf.model`. */
export interface LayersModel {
  /** The layer's name, which checkpoints use. */
  readonly name: string;
  readonly trainableWeights: readonly LayerWeight[];
  readonly nonTrainableWeights: readonly LayerWeight[];
  readonly inputs?: readonly unknown[];
  readonly outputs?: readonly unknown[];
  readonly layers?: readonly Layer[];
  /** Computes the output. */
  apply(inputs: tf.Tensor, kwargs?: { training: boolean }): unknown;
  /** Returns the penalties of the layers' regularizers and of `addLoss`. */
  calculateLosses?(): tf.Scalar[];
}

/** The properties of a tfjs-layers layer that the trainer needs. */
export interface Layer {
  readonly name: string;
  /** Whether the layer keeps state between batches, which a module cannot. */
  readonly stateful?: boolean;
  readonly activation?: { /** Returns the name of the class. */ getClassName(): string } | null;
}

/** The properties of a layer's weight that the trainer needs. */
export interface LayerWeight {
  /** The name that tfjs gave the weight, such as `conv2d_Conv2D1/kernel`. */
  readonly originalName: string;
  /** The shape of the weight. */
  readonly shape: readonly (number | null)[];
  /** A projection that is applied to the weight after each step. */
  readonly constraint?: { /** Projects a value. */ apply(value: tf.Tensor): tf.Tensor } | null;
  /** Returns the value of the weight. */
  read(): tf.Tensor;
}

/** Samples and their targets. The first axis counts samples. */
export interface Examples {
  x: tf.Tensor;
  y: tf.Tensor;
}

/** The options of `layersModule`. */
export interface LayersModuleOptions {
  /**
   * Tensors to train on; the caller disposes them. Default: `fit` receives the batches `{ x, y }`, for example from
   * `arrayBatches`.
   */
  train?: Examples;
  /** Tensors to validate on. Default: no validation. */
  validation?: Examples;
  /** Tensors to test on. Default: no test. */
  test?: Examples;
  /** Returns the loss of each sample, `[B]`, from the model's output and the samples' `y`. */
  loss(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D;
  /**
   * Functions that return the score of each sample, `[B]`, such as 1 where the class is right, or a measure. They are
   * logged as `train_<name>` and `val_<name>`.
   */
  metrics?: Readonly<Record<string, (output: tf.Tensor, y: tf.Tensor) => tf.Tensor1D | Measure>>;
}

/**
 * Wraps a tfjs-layers model as a module that the trainer can train, with compiled steps, callbacks, plots, checkpoints
 * and resuming as for any other module. Penalties of regularizers and of `addLoss` are added to the loss that is
 * minimised, but not to the loss that is reported. Constraints are applied after each step. Layers with `trainable:
 * false` are not trained. The running statistics of batch norm are saved with the weights. Dropout draws new random
 * numbers in each step.
 *
 * @throws ConfigError for a model that is not built, has several inputs or outputs, has a stateful layer, or ends in a
 * softmax or sigmoid that `losses.crossEntropy` or `losses.binaryCrossEntropy` already includes
 * @example
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [64], units: 10 })] });
 * const module = layersModule(model, { loss: losses.crossEntropy, metrics: { accuracy: metrics.accuracy } });
 * const run = await new Trainer({ maxEpochs: 10 }).fit(module, arrayBatches({ x, y }, { validation: 0.2 }));
 */
export function layersModule(
  model: LayersModel,
  { train, validation, test, loss, metrics = {} }: LayersModuleOptions,
): TrainingModule {
  requireTrainable(model);
  requireScores(model, loss);
  const weights = model.trainableWeights;
  const constraints = weights.flatMap((weight) => {
    const { constraint } = weight;
    return constraint
      ? [[parameterOf(weight).name, (value: tf.Tensor) => constraint.apply(value)] as const]
      : [];
  });
  return {
    ...(train ? batchesOf(train, validation, test) : {}),
    parameters: weights.map(parameterOf),
    state: model.nonTrainableWeights.map(parameterOf),
    config: { model: { type: "layers", name: model.name } },
    regularization: {
      unmatched: [],
      lambdas: () => [],
      penalty: () => tf.addN([tf.scalar(0), ...(model.calculateLosses?.() ?? [])]),
      constraints: () => new Map(constraints),
    },
    loss({ x, y }: TracedBatch, rng) {
      const output = model.apply(x!, { training: rng !== undefined }) as tf.Tensor;
      const scores = Object.entries(metrics).map(([name, metric]) => [name, metric(output, y!)] as const);
      return { loss: loss(output, y!), metrics: Object.fromEntries(scores) };
    },
    forward: ({ x }: TracedBatch) => model.apply(x!, { training: false }) as tf.Tensor,
  };
}

function batchesOf({ x, y }: Examples, validation?: Examples, test?: Examples): BatchSource {
  const arrays = (part: Examples | undefined): Arrays | number => (part ? { x: part.x, y: part.y } : 0);
  return arrayBatches({ x, y }, { validation: arrays(validation), test: arrays(test) });
}

function requireTrainable(model: LayersModel): void {
  const { name, inputs = [0], outputs = [0], layers = [], trainableWeights } = model;
  const problem = (message: string) => new ConfigError("layersModule", [{ path: name, message }]);
  if (inputs.length !== 1 || outputs.length !== 1)
    throw problem(
      `has ${inputs.length} inputs and ${outputs.length} outputs, but one of each is needed; write your own module, ` +
        "whose `loss` calls `model.apply`",
    );
  if (trainableWeights.length === 0)
    throw problem(
      "has no weights to train; give its first layer an `inputShape`, or leave a layer trainable",
    );
  const stateful = layers.find((layer) => layer.stateful);
  if (stateful)
    throw problem(
      `the layer ${stateful.name} is stateful, and batches are shuffled: a batch does not continue the previous one; make it ` +
        "with `stateful: false`",
    );
}

/** Losses that take scores (logits), and the activation that each loss already includes. */
const HELD = new Map<unknown, string>([
  [losses.crossEntropy, "softmax"],
  [losses.binaryCrossEntropy, "sigmoid"],
]);

/** Refuses an activation that the loss already includes: a softmax applied twice would train badly without an error. */
function requireScores({ name, layers = [] }: LayersModel, loss: LayersModuleOptions["loss"]): void {
  const last = layers.at(-1);
  const activation = last?.activation?.getClassName();
  if (activation === undefined || HELD.get(loss) !== activation) return;
  const message =
    `the last layer, ${last!.name}, ends in a ${activation}, but the loss takes the scores before it; leave that activation out ` +
    "(after training, apply it to the result of `predict`)";
  throw new ConfigError("layersModule", [{ path: name, message }]);
}

/** Returns a layer's weight as a trained parameter. `read` returns the underlying tfjs variable. */
function parameterOf(weight: LayerWeight): TrainedParameter {
  const name = weight.originalName.replaceAll("/", ".");
  return { name, variable: weight.read() as tf.Variable, decay: weight.shape.length > 1 };
}
