import { type Compiled, type CompileOptions, compile, Draws, tf } from "../engine";
import { AdamW } from "../optim";
import type { NamedVariables } from "./checkpoint";
import type { Batch, Batches, TracedBatch, TrainingLoss, TrainingModule } from "./module";
import type { CheckedOptions } from "./options";

/** The numbers of an epoch that a training step takes. */
export interface Rates {
  /** The head's learning rate. */
  readonly lr: number;
  /** Lambda of each regularizer. */
  readonly lambdas: readonly number[];
}

interface TrainInputs {
  batch: TracedBatch;
  lr: tf.Scalar;
  lambdas: tf.Scalar[];
  /** The step's number, for its random numbers. */
  step: tf.Scalar;
}

/** The compiled steps of a fit: one that trains on a batch, one that adds up a batch's validation sums. */
export class Step {
  private readonly optimizer: AdamW;
  private readonly trainStep: Compiled<[TrainInputs], tf.Scalar>;
  private readonly validationStep: Compiled<[TracedBatch], tf.Tensor>;

  /** @param how `compile: false` runs the steps op by op */
  constructor(module: TrainingModule, options: CheckedOptions, how: Pick<CompileOptions, "compile"> = {}) {
    this.optimizer = new AdamW(module.parameters, {
      weightDecay: options.optimizer.weightDecay,
      coreLrScale: options.optimizer.coreLrScale,
      gradientClipVal: options.gradientClipVal,
    });
    const trained = module.parameters.map(({ variable }) => variable);
    const { regularization } = module;
    const train = ({ batch, lr, lambdas, step }: TrainInputs) => {
      const draws = new Draws(options.seed, step);
      let result: TrainingLoss | undefined;
      const { grads } = tf.variableGrads(() => {
        const { loss, present } = module.loss(batch, draws);
        result = { loss: tf.keep(loss), present: tf.keep(present) };
        return regularization ? tf.add(loss, regularization.penalty(lambdas)) : loss;
      }, trained);
      const { loss, present } = result!;
      const constraints = regularization?.constraints(lambdas);
      this.optimizer.update({ grads, lr, present, ...(constraints ? { constraints } : {}) });
      present.dispose();
      return loss;
    };
    this.trainStep = compile(train, { ...how, name: "training step" });
    this.validationStep = compile((batch: TracedBatch) => module.validationSums(batch), {
      ...how,
      name: "validation step",
    });
  }

  /**
   * Takes one optimizer step.
   *
   * @param step its number: dropout and the like draw other numbers in each
   * @returns the loss before it, without the regularizers' penalties
   */
  async train(batch: Batch, { lr, lambdas }: Rates, step: number): Promise<number> {
    const { tensors, made } = toTensors(batch);
    const loss = await this.trainStep({ batch: tensors, lr, lambdas: [...lambdas], step });
    const [value] = loss.dataSync();
    tf.dispose([loss, made]);
    return value!;
  }

  async validate(batches: Batches): Promise<Float64Array> {
    let sums: Float64Array | undefined;
    for await (const batch of batches) {
      const { tensors, made } = toTensors(batch);
      const added = await this.validationStep(tensors);
      const values = added.dataSync();
      sums ??= new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sums[i]! += values[i]!;
      tf.dispose([added, made]);
    }
    return sums ?? new Float64Array(0);
  }

  /** The optimizer's variables by their names in a checkpoint. */
  state(): NamedVariables {
    return new Map(this.optimizer.state.map(({ name, variable }) => [`optimizer.${name}`, variable]));
  }

  dispose(): void {
    this.trainStep.dispose();
    this.validationStep.dispose();
    this.optimizer.dispose();
  }
}

/** The batch as tensors, and those of them that were made for it. */
function toTensors(batch: Batch): { tensors: TracedBatch; made: tf.Tensor[] } {
  const made: tf.Tensor[] = [];
  const toTensor = (values: Int32Array | tf.Tensor) => {
    if (values instanceof tf.Tensor) return values;
    const tensor = tf.tensor1d(values, "int32");
    made.push(tensor);
    return tensor;
  };
  const entries = Object.entries(batch).map(([name, values]) => [name, toTensor(values)] as const);
  return { tensors: Object.fromEntries(entries), made };
}
