import { type Draws, tf } from "../../engine";
import type { TracedBatch, TrainingModule } from "../../protocols/module";
import type { Ranks } from "../distributed/ranks";
import { lossOf } from "./loss-of";
import { type Scoring, scoringsOf } from "./scores";

interface BatchInputs {
  readonly batch: TracedBatch;
  /** Lambda of each regularizer. */
  readonly lambdas: tf.Scalar[];
  readonly draws: Draws;
  /** The processes that train together; undefined for one process. */
  readonly ranks: Ranks | undefined;
}

/** The loss and gradients of this process's batch. */
export interface BatchGradients {
  readonly grads: tf.NamedTensorMap;
  /** This process's share of the loss, without the regularizers' penalties. */
  readonly loss: tf.Scalar;
  readonly samples: tf.Scalar;
  /** 1 for each dataset that has samples in any process, else 0, `[D]`; `[1]` where the module does not report it. */
  readonly present: tf.Tensor1D;
  /** This process's share of the loss of each dataset, `[D]`; empty where the module does not report it. */
  readonly datasetLoss: tf.Tensor1D;
  /** The numbers of each metric. */
  readonly measured: tf.Tensor[];
  readonly scorings: readonly Scoring[];
}

/** Computes the training loss of a batch with the regularizers' penalties, and its gradients by each parameter. Traced. */
export function batchGradients(
  module: TrainingModule,
  { batch, lambdas, draws, ranks }: BatchInputs,
): BatchGradients {
  let result: Omit<BatchGradients, "grads"> | undefined;
  const { grads } = tf.variableGrads(
    () => {
      const given = lossOf(module, batch, draws);
      const { loss, samples, metrics, present, datasetLoss } = given;
      const weighed = ranks ? ranks.weigh(given) : { part: loss, present, datasetLoss };
      const scorings = scoringsOf(metrics);
      result = {
        loss: tf.keep(weighed.part),
        samples: tf.keep(samples),
        present: tf.keep(weighed.present ?? tf.ones([1])) as tf.Tensor1D,
        measured: Object.values(metrics).map(({ numbers }) => tf.keep(numbers)),
        datasetLoss: tf.keep(weighed.datasetLoss ?? tf.zeros([0])) as tf.Tensor1D,
        scorings,
      };
      const penalty = module.regularization?.penalty(lambdas);
      return penalty ? tf.add(weighed.part, tf.div(penalty, ranks?.worldSize ?? 1)) : weighed.part;
    },
    module.parameters.map(({ variable }) => variable),
  );
  return { grads, ...result! };
}
