import * as tfjs from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { layersModule } from "../../lib/layers/layers-module";
import { losses } from "../../lib/losses";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

const x = tf.randomNormal([64, 4], 0, 1, "float32", 3);
const y = tf.matMul(x as tf.Tensor2D, tf.tensor2d([1, -2, 3, -4], [4, 1]));
const EPOCHS = 30;

type Layer = Parameters<typeof tfjs.layers.dense>[0];
const dense = (more: Partial<Layer>) =>
  tfjs.sequential({
    layers: [tfjs.layers.dense({ inputShape: [4], units: 1, useBias: false, kernelInitializer: "zeros", ...more })], // biome-ignore format: one layer
  });

/** Trains with `model.fit` and tfjs's Adam. */
async function trained(model: tfjs.Sequential): Promise<number[][]> {
  const squared = (output: tf.Tensor, target: tf.Tensor) =>
    tf.squeeze(tf.square(tf.sub(output, target)), [1]) as tf.Tensor1D;
  await new Trainer({
    dir: newFolder(),
    batchSize: 64,
    maxEpochs: EPOCHS,
    gradientClipVal: 1e9,
    optimizer: { lr: 0.05, weightDecay: 0 },
  }).fit(layersModule(model, { train: { x, y }, loss: squared }));
  return weightsOf(model);
}

async function trainedByTfjs(model: tfjs.Sequential): Promise<number[][]> {
  model.compile({ optimizer: tfjs.train.adam(0.05, 0.9, 0.999, 1e-8), loss: "meanSquaredError" });
  await model.fit(x, y, { epochs: EPOCHS, batchSize: 64, verbose: 0, shuffle: false });
  return weightsOf(model);
}

const weightsOf = (model: tfjs.Sequential) => model.getWeights().map((weight) => [...weight.dataSync()]);

const { l1, l2, l1l2 } = tfjs.regularizers;
test.each<[string, () => tfjs.Sequential]>([
  ["no penalty", () => dense({})],
  ["an l2 penalty of the kernel", () => dense({ kernelRegularizer: l2({ l2: 0.5 }) })],
  ["an l1 penalty of the kernel", () => dense({ kernelRegularizer: l1({ l1: 2 }) })],
  [
    "penalties of kernel and bias",
    () =>
      dense({ useBias: true, kernelRegularizer: l1l2({ l1: 0.1, l2: 0.1 }), biasRegularizer: l2({ l2: 3 }) }),
  ],
  [
    "a loss that was added to a layer",
    () => {
      const model = dense({});
      const [layer] = model.layers;
      layer!.addLoss(() => tfjs.mul(tfjs.sum(tfjs.square(layer!.weights[0]!.read())), 0.7) as tfjs.Scalar);
      return model;
    },
  ],
  ["a frozen layer", () => tfjs.sequential({ layers: [
    tfjs.layers.dense({ inputShape: [4], units: 3, trainable: false, kernelInitializer: tfjs.initializers.glorotUniform({ seed: 1 }) }),
    tfjs.layers.dense({ units: 1, kernelInitializer: tfjs.initializers.glorotUniform({ seed: 2 }) }),
  ] })], // biome-ignore format: one model
  ["batch norm", () => tfjs.sequential({ layers: [
    tfjs.layers.batchNormalization({ inputShape: [4], betaRegularizer: l2({ l2: 0.3 }), gammaRegularizer: l1({ l1: 0.2 }) }),
    tfjs.layers.dense({ units: 1, kernelInitializer: "zeros" }),
  ] })], // biome-ignore format: one model
])("trains a model with %s to the same weights as tfjs's model.fit", async (_, make) => {
  const [found, wanted] = [await trained(make()), await trainedByTfjs(make())];
  expect(found.length).toBe(wanted.length);
  found.forEach((weight, i) => {
    weight.forEach((value, k) => {
      expect(value).toBeCloseTo(wanted[i]![k]!, 4);
    });
  });
});

test("applies a kernel's constraint after every step", async () => {
  const [kernel] = await trained(dense({ kernelConstraint: tfjs.constraints.nonNeg() }));
  expect(kernel!.every((value) => value >= 0)).toBe(true);
  expect([kernel![1], kernel![3]]).toEqual([0, 0]);
  expect(kernel![0]).toBeGreaterThan(0.5);
  const [norm] = await trained(
    dense({ kernelConstraint: tfjs.constraints.maxNorm({ maxValue: 0.5, axis: 0 }) }),
  );
  expect(Math.hypot(...norm!)).toBeCloseTo(0.5, 4);
});

test("rejects a model that cannot be trained on shuffled batches of x and y", () => {
  const loss = (output: tf.Tensor) => output as tf.Tensor1D;
  const lstm = tfjs.sequential({
    name: "series",
    layers: [tfjs.layers.lstm({ name: "lstm", units: 2, stateful: true, batchInputShape: [4, 5, 1] })],
  });
  expect(() => layersModule(lstm, { loss })).toThrow(
    "layersModule: series: the layer lstm is stateful, and batches are shuffled: a batch does not continue the previous one; " +
      "make it with `stateful: false`",
  );
  const [a, b] = [tfjs.input({ shape: [2] }), tfjs.input({ shape: [2] })];
  const sum = tfjs.layers.add().apply([a, b]) as tfjs.SymbolicTensor;
  const two = tfjs.model({ name: "two", inputs: [a, b], outputs: sum });
  expect(() => layersModule(two, { loss })).toThrow(
    "layersModule: two: has 2 inputs and 1 outputs, but one of each is needed; write your own module, whose `loss` calls " +
      "`model.apply`",
  );
  const unbuilt = tfjs.sequential({ name: "unbuilt" });
  unbuilt.add(tfjs.layers.flatten({ inputShape: [2, 2] }));
  expect(() => layersModule(unbuilt, { loss })).toThrow(
    "layersModule: unbuilt: has no weights to train; give its first layer an `inputShape`, or leave a layer trainable",
  );
});

test.each<["softmax" | "sigmoid", typeof losses.crossEntropy]>([
  ["softmax", losses.crossEntropy],
  ["sigmoid", losses.binaryCrossEntropy],
])("rejects a %s before a loss that includes one already", (activation, loss) => {
  const last = tfjs.layers.dense({ name: "last", inputShape: [4], units: 2, activation });
  const model = tfjs.sequential({ name: "twice", layers: [last] });
  expect(() => layersModule(model, { loss })).toThrow(
    `layersModule: twice: the last layer, last, ends in a ${activation}, but the loss takes the scores before it; leave that ` +
      "activation out (after training, apply it to the result of `predict`)",
  );
  expect(layersModule(model, { loss: losses.meanSquaredError }).parameters).toHaveLength(2);
});
