import { compile, tf } from "../engine";
import { measured } from "./measured";
import type { Batch, TracedBatch, TrainingModule } from "./module";
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
  const variables = module.parameters.map(({ variable }) => variable);
  const state = (module.state ?? []).map(({ variable }) => variable);
  const before = state.map((variable) => tf.clone(variable));
  const objective = (): tf.Scalar => {
    const { loss } = measured(module.loss(batch, step.drawsOf(number)), batch);
    const penalty = module.regularization?.penalty(lambdas);
    return penalty ? tf.add(loss, penalty) : loss;
  };
  const { grads } = tf.variableGrads(objective, variables);
  state.forEach((variable, i) => {
    variable.assign(before[i]!);
  });
  const notFinite = (each: tf.Tensor) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(each)), "float32"));
  return {
    weights: tf.stack(variables.map(notFinite)) as tf.Tensor1D,
    gradients: tf.stack(variables.map(({ name }) => notFinite(grads[name]!))) as tf.Tensor1D,
  };
}
