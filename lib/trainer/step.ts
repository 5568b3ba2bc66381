import { type Compiled, type CompileOptions, compile, Draws, tf } from "../engine";
import { AdamW } from "../optim";
import type { NamedVariables } from "./checkpoint";
import type { Stopped } from "./events";
import type { Batch, TracedBatch, TrainingModule } from "./module";
import type { CheckedOptions } from "./options";
import type { Ranks, WeighedLoss } from "./ranks";

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
  /** For the other processes; empty when there is none. */
  wishes: tf.Tensor1D[];
}

interface TrainResults {
  loss: tf.Scalar;
  wishes: tf.Tensor[];
}

/** What a step of all processes came to. */
export interface Stepped {
  /** The loss before the step, without the regularizers' penalties. */
  readonly loss: number;
  /** That any process wishes to stop. */
  readonly stop: Stopped | undefined;
}

export interface StepOptions extends Pick<CompileOptions, "compile"> {
  /** The processes that train together. Default: this one alone. */
  ranks?: Ranks | undefined;
}

/** Seeds of different processes are so far apart: each draws its own dropout. */
const SEEDS_APART = 2 ** 20;

/** The compiled steps of a fit: one that trains on a batch, one that adds up a batch's validation sums. */
export class Step {
  private readonly optimizer: AdamW;
  private readonly trainStep: Compiled<[TrainInputs], TrainResults>;
  private readonly validationStep: Compiled<[TracedBatch], tf.Tensor>;
  private readonly ranks: Ranks | undefined;

  /** @param how `compile: false` runs the steps op by op */
  constructor(module: TrainingModule, options: CheckedOptions, { ranks, ...how }: StepOptions = {}) {
    this.ranks = ranks;
    this.optimizer = new AdamW(module.parameters, {
      weightDecay: options.optimizer.weightDecay,
      coreLrScale: options.optimizer.coreLrScale,
      gradientClipVal: options.gradientClipVal,
    });
    const trained = module.parameters.map(({ variable }) => variable);
    const { regularization } = module;
    const { rank = 0, worldSize = 1 } = ranks ?? {};
    const train = ({ batch, lr, lambdas, step, wishes }: TrainInputs): TrainResults => {
      const draws = new Draws(options.seed + rank * SEEDS_APART, step);
      let result: WeighedLoss | undefined;
      const own = tf.variableGrads(() => {
        const given = module.loss(batch, draws);
        const weighed = ranks ? ranks.weigh(given) : { part: given.loss, present: given.present };
        result = { part: tf.keep(weighed.part), present: tf.keep(weighed.present!) };
        const penalty = regularization?.penalty(lambdas);
        return penalty ? tf.add(weighed.part, tf.div(penalty, worldSize)) : weighed.part;
      }, trained);
      const { part, present } = result!;
      const state = module.state.map(({ variable }) => variable);
      const all = ranks ? sumOfRanks(ranks, { grads: own.grads, loss: part, wishes, state }) : undefined;
      const { grads, loss } = all ?? { grads: own.grads, loss: part };
      const constraints = regularization?.constraints(lambdas);
      this.optimizer.update({ grads, lr, present: present!, ...(constraints ? { constraints } : {}) });
      present!.dispose();
      return { loss, wishes: all?.wishes ?? [] };
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
   * @param wish that this process stops
   */
  async train(batch: Batch, { lr, lambdas }: Rates, step: number, wish?: Stopped): Promise<Stepped> {
    const { ranks } = this;
    const { tensors, made } = toTensors(batch);
    const mine = ranks ? [tf.tensor1d(ranks.wishOf(wish))] : [];
    ranks?.link.moved(step, "waiting");
    const results = await this.trainStep({ batch: tensors, lr, lambdas: [...lambdas], step, wishes: mine });
    const [loss] = results.loss.dataSync();
    const stop = ranks ? ranks.agreed(results.wishes[0]!.dataSync()) : wish;
    tf.dispose([results.loss, ...results.wishes, ...mine, ...made]);
    ranks?.link.moved(step + 1, "working");
    return { loss: loss!, stop };
  }

  /** Several processes take a batch each, in turns: every sample counts once. */
  async validate(batches: Iterable<Batch>): Promise<Float64Array> {
    const { ranks } = this;
    const { rank = 0, worldSize = 1 } = ranks ?? {};
    let sums: Float64Array | undefined;
    let number = 0;
    for (const batch of batches) {
      // The first tells each process how many sums there are.
      if (number++ % worldSize !== rank && sums) continue;
      const { tensors, made } = toTensors(batch);
      const added = await this.validationStep(tensors);
      const values = added.dataSync();
      sums ??= new Float64Array(values.length);
      if ((number - 1) % worldSize === rank) for (let i = 0; i < values.length; i++) sums[i]! += values[i]!;
      tf.dispose([added, made]);
      ranks?.link.moved(0, "working");
    }
    sums ??= new Float64Array(0);
    return ranks ? ranks.addUp(sums) : sums;
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

interface OfRank {
  grads: tf.NamedTensorMap;
  loss: tf.Scalar;
  wishes: readonly tf.Tensor[];
  state: readonly tf.Variable[];
}

/**
 * Sums over the processes; state that the step assigned becomes the mean of all. The last gradients first: the backward pass
 * is done with them first, and they are on their way while it goes on.
 */
function sumOfRanks(ranks: Ranks, { grads, loss, wishes, state }: OfRank) {
  const names = Object.keys(grads).reverse();
  const own = [...names.map((name) => grads[name]!), loss, ...wishes, ...state];
  const sums = ranks.sumAll(own, "step");
  const rest = sums.slice(names.length);
  state.forEach((variable, i) => {
    variable.assign(tf.div(rest[1 + wishes.length + i]!, ranks.worldSize));
  });
  return {
    grads: Object.fromEntries(names.map((name, i) => [name, sums[i]!])),
    loss: rest[0] as tf.Scalar,
    wishes: rest.slice(1, 1 + wishes.length),
  };
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
