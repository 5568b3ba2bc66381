import { readFileSync } from "node:fs";
import { arrayBatches, losses, metrics, Trainer, type TrainingModule, tf } from "gradbook";

const lines = readFileSync("notebooks/data/digits.csv", "utf8").trim().split("\n");
const rows = lines.map((line) => line.split(",").map(Number));
const x = rows.map((row) => row.slice(1).map((gray) => gray / 16));
const data = arrayBatches({ x }, { validation: 0.2 });

// An autoencoder from 64 pixels to 8 numbers and back. A module has variables and a loss.
const weight = (name: string, shape: [number, number], seed: number) => ({
  name,
  variable: tf.variable(tf.randomNormal(shape, 0, shape[0] ** -0.5, "float32", seed)),
});
const parameters = [
  weight("encoder.0", [64, 48], 1),
  weight("encoder.1", [48, 8], 2),
  weight("decoder.0", [8, 48], 3),
  weight("decoder.1", [48, 64], 4),
];
function reconstruct(images: tf.Tensor): tf.Tensor {
  const [enter, squeeze, expand, leave] = parameters.map(({ variable }) => variable as tf.Tensor2D);
  const code = tf.matMul(tf.relu(tf.matMul(images as tf.Tensor2D, enter!)), squeeze!);
  return tf.sigmoid(tf.matMul(tf.relu(tf.matMul(code, expand!)), leave!));
}
const autoencoder: TrainingModule = {
  parameters,
  loss({ x }) {
    const output = reconstruct(x!);
    const rmse = metrics.rootMeanSquaredError(output, x!);
    return { loss: losses.meanSquaredError(output, x!), metrics: { rmse } };
  },
  forward: ({ x }) => reconstruct(x!),
};

const trainer = new Trainer({ name: "autoencoder", overwrite: true, maxEpochs: 20, optimizer: { lr: 5e-3 } });
const run = await trainer.fit(autoencoder, data);
console.log("pixels are off by", run.history.at(-1)!.val_rmse);

const images = await trainer.predict(autoencoder, { x: x.slice(0, 3) });
console.log("the first reconstruction:", images.slice(0, 1).mul(16).round().reshape([8, 8]).arraySync());
