import * as tf from "@tensorflow/tfjs-core";

/**
 * Ops whose result moves in steps, with their inputs. tfjs has no gradients for them and so refuses `where(greater(x, 0), ...)` as soon as
 * the condition depends on what is differentiated. Their derivative is 0 wherever it exists.
 */
const STEPS: Record<string, string[]> = {
  All: ["x"],
  Any: ["x"],
  Equal: ["a", "b"],
  Greater: ["a", "b"],
  GreaterEqual: ["a", "b"],
  IsFinite: ["x"],
  IsInf: ["x"],
  IsNan: ["x"],
  Less: ["a", "b"],
  LessEqual: ["a", "b"],
  LogicalAnd: ["a", "b"],
  LogicalNot: ["x"],
  LogicalOr: ["a", "b"],
  NotEqual: ["a", "b"],
  SearchSorted: ["sortedSequence", "values"],
};

const steps = Object.entries(STEPS).map(
  ([kernelName, inputs]): tf.GradConfig => ({
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_dy, saved) =>
      Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])),
  }),
);

/** tfjs's own multiplies by the condition, which makes NaN of an infinite gradient in the branch that was not taken. */
const select: tf.GradConfig = {
  kernelName: "Select",
  inputsToSave: ["condition"],
  gradFunc: (given, [condition]) => {
    const dy = given as tf.Tensor;
    return {
      condition: () => tf.zeros(condition!.shape),
      t: () => tf.where(condition!, dy, tf.zerosLike(dy)),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    };
  },
};

export const comparisonGradients: readonly tf.GradConfig[] = [...steps, select];
