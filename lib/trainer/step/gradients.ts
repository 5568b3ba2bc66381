import { type StatelessRng, tf } from "../../engine";
import type { Rng } from "../../nn";
import { isOwn, type TracedBatch, type TrainedParameter, type TrainingModule } from "../../protocols/module";
import type { ProcessGroup } from "../distributed/process-group";
import type { Optimized } from "../optim/optimizer";
import { lossOf } from "./loss";
import { type Scoring, scoringsOf } from "./validation-sums";

/**
 * Computes the gradients of a batch's training loss by each parameter, in order, and restores the module's state, such
 * as running statistics. Traced.
 *
 * @param draws random numbers, as in a training step
 * @param penalty is added to the loss. Default: none
 */
export function gradientsOf(
  module: TrainingModule,
  batch: TracedBatch,
  rng: Rng,
  penalty?: () => tf.Scalar,
): tf.Tensor[] {
  const variables = module.parameters.map(({ variable }) => variable);
  const state = (module.state ?? []).map(({ variable }) => variable);
  const before = state.map((variable) => tf.clone(variable));
  const objective = (): tf.Scalar => {
    const { loss } = lossOf(module, batch, rng);
    return penalty ? tf.add(loss, penalty()) : loss;
  };
  const { grads } = tf.variableGrads(objective, variables);
  state.forEach((variable, i) => {
    variable.assign(before[i]!);
  });
  return variables.map(({ name }) => grads[name]!);
}

interface BatchInputs {
  readonly batch: TracedBatch;
  /** Lambda of each regularizer. */
  readonly lambdas: tf.Scalar[];
  readonly rng: StatelessRng;
  /** The processes that train together; undefined for one process. */
  readonly group: ProcessGroup | undefined;
}

/** The loss and gradients of this process's batch. */
export interface BatchGradients {
  readonly grads: tf.NamedTensorMap;
  /** This process's share of the loss, without the regularizers' penalties. */
  readonly loss: tf.Scalar;
  /** This process's share of the regularizers' penalties. */
  readonly penalty: tf.Scalar;
  readonly samples: tf.Scalar;
  /** 1 for each dataset that has samples in any process, else 0, `[D]`; `[1]` if the module does not report it. */
  readonly present: tf.Tensor1D;
  /** This process's share of the loss of each dataset, `[D]`; empty if the module does not report it. */
  readonly datasetLoss: tf.Tensor1D;
  /** The numbers of each metric. */
  readonly measured: tf.Tensor[];
  readonly scorings: readonly Scoring[];
}

/** Computes the training loss of a batch with the regularizers' penalties, and its gradients by each parameter. Traced. */
export function batchGradients(
  module: TrainingModule,
  { batch, lambdas, rng, group }: BatchInputs,
): BatchGradients {
  let result: Omit<BatchGradients, "grads"> | undefined;
  const { grads } = tf.variableGrads(
    () => {
      const given = lossOf(module, batch, rng);
      const { loss, samples, metrics, present, datasetLoss } = given;
      const weighed = group ? group.weigh(given) : { part: loss, present, datasetLoss };
      const scorings = scoringsOf(metrics);
      const penalty = penaltyShare(module, lambdas, group?.worldSize ?? 1);
      result = {
        loss: tf.keep(weighed.part),
        penalty: tf.keep(penalty),
        samples: tf.keep(samples),
        present: tf.keep(weighed.present ?? tf.ones([1])) as tf.Tensor1D,
        measured: Object.values(metrics).map(({ numbers }) => tf.keep(numbers)),
        datasetLoss: tf.keep(weighed.datasetLoss ?? tf.zeros([0])) as tf.Tensor1D,
        scorings,
      };
      return module.regularization ? tf.add(weighed.part, penalty) : weighed.part;
    },
    module.parameters.map(({ variable }) => variable),
  );
  return { grads, ...result! };
}

/**
 * Returns this process's share of the regularizers' penalties: an equal share of those on parameters that all processes have, and all of
 * those on its own parameters. Traced.
 */
function penaltyShare(module: TrainingModule, lambdas: readonly tf.Scalar[], processes: number): tf.Scalar {
  const { regularization, shard } = module;
  if (!regularization) return tf.scalar(0);
  const shareOf = (whole: tf.Scalar) => tf.div<tf.Scalar>(whole, processes);
  if (!shard) return shareOf(regularization.penalty(lambdas));
  const shared = regularization.penalty(lambdas, (parameter) => !isOwn(module, parameter));
  return tf.add(
    shareOf(shared),
    regularization.penalty(lambdas, (parameter) => isOwn(module, parameter)),
  );
}

/** The frozen parameters: all that any owner freezes. */
export class Frozen {
  private readonly asked = new Map<object, (name: string) => boolean>();

  constructor(private readonly parameters: readonly TrainedParameter[]) {}

  /** @param by the owner of the request, which replaces the owner's earlier request */
  ask(by: object, frozen: (name: string) => boolean): void {
    this.asked.set(by, frozen);
  }

  /** Returns 0 for each frozen parameter, else 1; empty if no parameter is frozen. */
  get trained(): number[] {
    const all = [...this.asked.values()];
    const trained = this.parameters.map(({ name }) => Number(!all.some((frozen) => frozen(name))));
    return trained.includes(0) ? trained : [];
  }
}

/** Returns a module's parameters with the defaults of optional properties filled in. */
export function parametersOf({ parameters }: Pick<TrainingModule, "parameters">): Optimized[] {
  return parameters.map((parameter) => ({
    group: "head",
    decay: parameter.variable.rank > 1,
    ...parameter,
  }));
}
