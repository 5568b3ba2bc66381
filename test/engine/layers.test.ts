import * as tfjs from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";

/** Users' own tfjs code: models of tfjs-layers on our engine, trained by `fit` and in a compiled step. */

test("runs the user's tfjs on TensorFlow", () => {
  expect(tfjs.getBackend()).toBe("tensorflow");
  expect(tfjs.tensor([1])).toBeInstanceOf(tf.Tensor);
});

const glorot = (seed: number) => tfjs.initializers.glorotUniform({ seed });

function convnet(): tfjs.Sequential {
  return tfjs.sequential({
    layers: [
      tfjs.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, dilationRate: 2, padding: "same", activation: "relu", kernelInitializer: glorot(1) }), // biome-ignore format: one layer
      tfjs.layers.batchNormalization(),
      tfjs.layers.maxPooling2d({ poolSize: 2 }),
      tfjs.layers.dropout({ rate: 0.2 }),
      tfjs.layers.flatten(),
      tfjs.layers.dense({ units: 2, activation: "softmax", kernelInitializer: glorot(2) }),
    ],
  });
}

/** Labels each image by whether its left or right half is brighter. */
function images(): { x: tf.Tensor4D; y: tf.Tensor } {
  return tf.tidy(() => {
    const side = tf.tensor1d(
      Array.from({ length: 64 }, (_, i) => i % 2),
      "int32",
    );
    const y = tf.oneHot(side, 2).toFloat();
    const columns = tf.reshape(tf.greaterEqual(tf.range(0, 8), 4).toFloat(), [1, 1, 8, 1]);
    const bright = tf.abs(tf.sub(tf.reshape(side.toFloat(), [64, 1, 1, 1]), columns));
    return { x: tf.add(bright, tf.randomNormal([64, 8, 8, 1], 0, 0.5, "float32", 3)) as tf.Tensor4D, y };
  });
}

test("model.fit trains convolution, batch norm and dropout with adam: the loss falls and the accuracy rises", async () => {
  const { x, y } = images();
  const model = convnet();
  model.compile({ optimizer: tfjs.train.adam(0.02), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const { history } = await model.fit(x, y, { epochs: 8, batchSize: 16, verbose: 0 });
  const losses = history.loss as number[];
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  expect(history.acc!.at(-1)).toBeGreaterThan(0.9);
  tf.dispose([x, y]);
  model.dispose();
});

test("trains an LSTM, and loads a saved model with the same predictions", async () => {
  const model = tfjs.sequential({
    layers: [
      tfjs.layers.lstm({
        inputShape: [5, 2],
        units: 6,
        kernelInitializer: glorot(1),
        recurrentInitializer: glorot(2),
      }),
      tfjs.layers.dense({ units: 1, kernelInitializer: glorot(3) }),
    ],
  });
  model.compile({ optimizer: tfjs.train.adam(0.02), loss: "meanSquaredError" });
  const x = tf.randomNormal([64, 5, 2], 0, 1, "float32", 4);
  const y = tf.tidy(() => tf.mean(x, [1, 2]).expandDims(1));
  const { history } = await model.fit(x, y, { epochs: 10, batchSize: 16, verbose: 0 });
  const losses = history.loss as number[];
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);

  let saved: tfjs.io.ModelArtifacts | undefined;
  const info = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const } };
  await model.save(
    tfjs.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return info;
    }),
  );
  const loaded = await tfjs.loadLayersModel(tfjs.io.fromMemory(saved!));
  const predictions = [model, loaded].map((m) => tf.tidy(() => (m.predict(x) as tf.Tensor).dataSync()));
  expect(predictions[1]).toEqual(predictions[0]);
  tf.dispose([x, y]);
  model.dispose();
  loaded.dispose();
});

test("a compiled step of model.apply and optimizer.minimize trains, with fresh dropout and batch norm's averages", async () => {
  const { x, y } = images();
  const model = convnet();
  const optimizer = tfjs.train.adam(0.02);
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const step = compile((x: tf.Tensor4D, y: tf.Tensor) => {
    const loss = () => {
      const predicted = model.apply(x, { training: true }) as tf.Tensor;
      return tf.neg(tf.mean(tf.sum(tf.mul(y, tf.log(tf.add(predicted, 1e-7))), 1))) as tf.Scalar;
    };
    return optimizer.minimize(loss, true, weights)!;
  });
  const averages = () => model.layers[1]!.getWeights().at(-2)!.dataSync();
  const before = averages();
  const losses: number[] = [];
  for (let i = 0; i < 40; i++) {
    const loss = await step(x, y);
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
  }
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 3);
  expect(averages()).not.toEqual(before);
  expect(step.summary()).toHaveLength(1);
  tf.dispose([x, y]);
  step.dispose();
  optimizer.dispose();
  model.dispose();
});
