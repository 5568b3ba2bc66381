import * as tf from "@tensorflow/tfjs-core";

/**
 * tfjs has no gradients for comparisons and so refuses `where(greater(x, 0), ...)` as soon as the condition depends on
 * what is differentiated. Their derivative is 0 wherever it exists.
 */
const STEPS_OF_ONE = ["IsFinite", "IsInf", "IsNan", "LogicalNot"];
const STEPS_OF_TWO = [
  "Equal",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "LogicalAnd",
  "LogicalOr",
  "NotEqual",
];

const zeros = (x: tf.Tensor) => () => tf.zeros(x.shape);

for (const kernelName of STEPS_OF_ONE) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (_dy, [x]) => ({ x: zeros(x!) }),
  });
}
for (const kernelName of STEPS_OF_TWO) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (_dy, [a, b]) => ({ a: zeros(a!), b: zeros(b!) }),
  });
}

// tfjs's own gradient of `split` fails for a split into one piece, whose gradient is no array.
tf.unregisterGradient("SplitV");
tf.registerGradient({
  kernelName: "SplitV",
  gradFunc: (dy, _saved, { axis }) => ({ x: () => tf.concat(Array.isArray(dy) ? dy : [dy], axis as number) }),
});
