import * as tf from "@tensorflow/tfjs-core";

/** The gradient of a sum is spread over what was summed: one pass; tfjs multiplies with a tensor of ones, which is three. */
const spread = (dy: tf.Tensor, x: tf.Tensor, axis: number | number[]): tf.Tensor => {
  const kept = x.shape.slice();
  for (const i of tf.util.parseAxisParam(axis, x.shape)) kept[i] = 1;
  return tf.broadcastTo(tf.reshape(dy, kept), x.shape);
};

const sum: tf.GradConfig = {
  kernelName: "Sum",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({ x: () => spread(dy as tf.Tensor, x!, attrs.axis as number[]) }),
};

const mean: tf.GradConfig = {
  kernelName: "Mean",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const values = dy as tf.Tensor;
      // Divided while it is small.
      return spread(tf.mul(values, values.size / x!.size), x!, attrs.axis as number[]);
    },
  }),
};

export const reductionGradients = [sum, mean];
