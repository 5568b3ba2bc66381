import { ConfigError } from "../base/config";
import { tf } from "../engine";
import { losses } from "../losses";
import type { Measure } from "../metrics/measure";
import type { BatchSource, TracedBatch, TrainedParameter, TrainingModule } from "../protocols/module";
import { type Arrays, arrayBatches } from "./array-batches";

/** The properties of a tfjs-layers model that are needed; `tf.sequential` and `tf.model` make one. */
export interface LayersModel {
  readonly name: string;
  readonly trainableWeights: readonly LayerWeight[];
  readonly nonTrainableWeights: readonly LayerWeight[];
  readonly inputs?: readonly unknown[];
  readonly outputs?: readonly unknown[];
  readonly layers?: readonly Layer[];
  apply(inputs: tf.Tensor, kwargs?: { training: boolean }): unknown;
  /** The penalties of the layers' regularizers and of `addLoss`. */
  calculateLosses?(): tf.Scalar[];
}

interface Layer {
  readonly name: string;
  readonly stateful?: boolean;
  readonly activation?: { getClassName(): string } | null;
}

interface LayerWeight {
  /** Such as `conv2d_Conv2D1/kernel`. */
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  /** A projection that the weight is held to after each step. */
  readonly constraint?: { apply(value: tf.Tensor): tf.Tensor } | null;
  read(): tf.Tensor;
}

/** Samples and the target of each; the first axis counts samples. */
export interface Examples {
  x: tf.Tensor;
  y: tf.Tensor;
}

export interface LayersModuleOptions {
  /** Tensors that stay the caller's to dispose. Default: `fit` is given the batches, `{ x, y }`, such as `arrayBatches`. */
  train?: Examples;
  /** Default: nothing is validated. */
  validation?: Examples;
  /** Default: nothing is tested. */
  test?: Examples;
  /** The loss of each sample, `[B]`, from the model's output and the samples' `y`. */
  loss(output: tf.Tensor, y: tf.Tensor): tf.Tensor1D;
  /** The score of each sample, `[B]`, such as 1 where the class is right, or a measure; logged as `train_<name>` and `val_<name>`. */
  metrics?: Readonly<Record<string, (output: tf.Tensor, y: tf.Tensor) => tf.Tensor1D | Measure>>;
}

/**
 * A tfjs-layers model as a module that the trainer trains: compiled steps, callbacks, plots, checkpoints and resuming as for any
 * other. Penalties of regularizers and of `addLoss` are added to the loss that is minimised (not to the one that is reported),
 * constraints hold after each step, layers with `trainable: false` stay as they are. Batch norm's running statistics are saved
 * with the weights; Dropout draws afresh in each step.
 *
 * @throws ConfigError for a model that is not built, has several inputs or outputs or a stateful layer, or ends in a softmax or
 * sigmoid that `losses.crossEntropy` or `losses.binaryCrossEntropy` holds already
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
    loss({ x, y }: TracedBatch, draws) {
      const output = model.apply(x!, { training: draws !== undefined }) as tf.Tensor;
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
      `has ${inputs.length} inputs and ${outputs.length} outputs, and one of each is needed; write a module of your own, ` +
        "whose `loss` calls `model.apply`",
    );
  if (trainableWeights.length === 0)
    throw problem(
      "has no weights to train; give its first layer an `inputShape`, or leave a layer trainable",
    );
  const stateful = layers.find((layer) => layer.stateful);
  if (stateful)
    throw problem(
      `the layer ${stateful.name} is stateful, and batches are shuffled: no batch goes on where the one before ended; make it ` +
        "with `stateful: false`",
    );
}

/** Losses of scores, and the activation that they hold already. */
const HELD = new Map<unknown, string>([
  [losses.crossEntropy, "softmax"],
  [losses.binaryCrossEntropy, "sigmoid"],
]);

/** A softmax of a softmax trains, but badly and without a word. */
function requireScores({ name, layers = [] }: LayersModel, loss: LayersModuleOptions["loss"]): void {
  const last = layers.at(-1);
  const activation = last?.activation?.getClassName();
  if (activation === undefined || HELD.get(loss) !== activation) return;
  const message =
    `the last layer, ${last!.name}, ends in a ${activation}, and the loss takes scores before it; leave that activation out ` +
    "(after training, apply it to what `predict` gives)";
  throw new ConfigError("layersModule", [{ path: name, message }]);
}

/** A layer's weight is a variable of tfjs's, which `read` gives. */
function parameterOf(weight: LayerWeight): TrainedParameter {
  const name = weight.originalName.replaceAll("/", ".");
  return { name, variable: weight.read() as tf.Variable, decay: weight.shape.length > 1 };
}
