import { join } from "node:path";
import * as tfjs from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { openRun } from "../../lib/evaluation/report/open-run";
import { layersModule } from "../../lib/layers/layers-module";
import { readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

const dir = newFolder();

/** Labels each noisy image by whether its left or right half is brighter. */
function images(count: number, seed: number): { x: tf.Tensor; y: tf.Tensor } {
  return tf.tidy(() => {
    const y = tf.tensor1d(
      Array.from({ length: count }, (_, i) => i % 2),
      "int32",
    );
    const columns = tf.reshape(tf.cast(tf.greaterEqual(tf.range(0, 8), 4), "float32"), [1, 1, 8, 1]);
    const bright = tf.abs(tf.sub(tf.reshape(tf.cast(y, "float32"), [count, 1, 1, 1]), columns));
    return { x: tf.add(bright, tf.randomNormal([count, 8, 8, 1], 0, 2, "float32", seed)), y };
  });
}

function convnet(): tfjs.Sequential {
  const glorot = (seed: number) => tfjs.initializers.glorotUniform({ seed });
  return tfjs.sequential({
    layers: [
      tfjs.layers.conv2d({ name: "conv", inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: "relu", kernelInitializer: glorot(1) }), // biome-ignore format: one layer
      tfjs.layers.batchNormalization({ name: "norm" }),
      tfjs.layers.flatten({ name: "flat" }),
      tfjs.layers.dropout({ name: "drop", rate: 0.2 }),
      tfjs.layers.dense({ name: "side", units: 2, kernelInitializer: glorot(2) }),
    ],
  });
}

test("trains a tfjs-layers model with metrics over all samples and checkpoints of its running statistics", async () => {
  const [train, validation] = [images(96, 1), images(50, 2)];
  const model = convnet();
  const right = (found: tf.Tensor, y: tf.Tensor) =>
    tf.cast(tf.equal(tf.argMax(found, 1), y), "float32") as tf.Tensor1D;
  const module = layersModule(model, {
    train,
    validation,
    loss: (found, y) =>
      tf.losses.softmaxCrossEntropy(
        tf.oneHot(y, 2),
        found,
        undefined,
        undefined,
        tf.Reduction.NONE,
      ) as tf.Tensor1D,
    metrics: { accuracy: right },
  });
  const callbacks = [new ModelCheckpoint({ monitor: "val_accuracy", mode: "max" })];
  // 50 validation samples make three batches of 16 and one of two.
  const trainer = new Trainer({
    dir,
    name: "side",
    maxEpochs: 4,
    batchSize: 16,
    optimizer: { lr: 0.01 },
    callbacks,
  });
  const run = await trainer.fit(module);
  const { history } = run;
  expect(history.at(-1)!.train_loss).toBeLessThan(history[0]!.train_loss);
  run.load("best");
  const accuracy = tf.tidy(
    () => tf.mean(right(model.predict(validation.x) as tf.Tensor, validation.y)).dataSync()[0]!,
  );
  expect(run.kept.best!.score).toBeCloseTo(accuracy, 6);
  expect(accuracy).toBeGreaterThan(0.7);

  const found = openRun(join(dir, "side"));
  expect(found.curves.training.has("train_accuracy")).toBe(true);
  expect(found.figure().panels.map(({ title }) => title)).toContain("accuracy");
  const names = [...readCheckpoint(found.best!.path).tensors.keys()];
  expect(names).toEqual(expect.arrayContaining(["conv.kernel", "norm.moving_mean"]));
  const moving = model.getLayer("norm").getWeights()[2]!.dataSync();
  expect([...moving].every((value) => value !== 0)).toBe(true);
  tf.dispose([train, validation]);
  model.dispose();
});
