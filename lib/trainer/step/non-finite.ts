import { compile, tf } from "../../engine";
import type { Batch, TracedBatch, TrainingModule } from "../../protocols/module";
import { gradientsOf } from "./gradients";
import type { Rates, Step } from "./step";
import { toTensors } from "./to-tensors";

interface SearchInputs {
  batch: TracedBatch;
  lambdas: tf.Scalar[];
  number: tf.Scalar;
}

/** The number of values that are not finite, of each parameter, `[P]`. */
interface Counts {
  weights: tf.Tensor1D;
  gradients: tf.Tensor1D;
}

/**
 * Finds the weights that are not finite or, where all are finite, the first gradient that is not. The gradients are those of the
 * training step: the same random numbers, penalties and precision. Nothing is changed.
 *
 * @returns their names in words; empty when all is finite
 */
export async function findNonFinite(
  module: TrainingModule,
  step: Step,
  { batch, rates, number }: { batch: Batch; rates: Rates; number: number },
): Promise<string[]> {
  const { parameters } = module;
  const search = compile((inputs: SearchInputs) => count(module, step, inputs), {
    ...step.compiling,
    name: "search for what is not finite",
  });
  const { tensors, made } = toTensors(batch);
  try {
    const counts = await search({ batch: tensors, lambdas: [...rates.lambdas], number });
    const [weights, gradients] = [counts.weights.dataSync(), counts.gradients.dataSync()];
    tf.dispose([counts.weights, counts.gradients]);
    const broken = parameters.flatMap(({ name }, i) => (weights[i]! > 0 ? [`the weight ${name}`] : []));
    if (broken.length > 0) return broken;
    const first = parameters.findIndex((_, i) => gradients[i]! > 0);
    return first < 0 ? [] : [`the gradient of ${parameters[first]!.name}`];
  } finally {
    tf.dispose(made);
    search.dispose();
  }
}

/** Traced. */
function count(module: TrainingModule, step: Step, { batch, lambdas, number }: SearchInputs): Counts {
  const { parameters, regularization } = module;
  const penalty = regularization && (() => regularization.penalty(lambdas));
  const gradients = gradientsOf(module, batch, step.drawsOf(number), penalty);
  const notFinite = (each: tf.Tensor) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(each)), "float32"));
  return {
    weights: tf.stack(parameters.map(({ variable }) => notFinite(variable))) as tf.Tensor1D,
    gradients: tf.stack(gradients.map(notFinite)) as tf.Tensor1D,
  };
}
