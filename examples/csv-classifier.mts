import { readFileSync } from "node:fs";
import { layers, sequential } from "@tensorflow/tfjs";
import { arrayBatches, layersModule, losses, ModelCheckpoint, metrics, openRun, Trainer } from "gradbook";

// A line of the file is a digit, then 64 gray values from 0 to 16.
const lines = readFileSync("notebooks/data/digits.csv", "utf8").trim().split("\n");
const rows = lines.map((line) => line.split(",").map(Number));
const x = rows.map((row) => row.slice(1).map((gray) => gray / 16));
const data = arrayBatches(
  { x, y: Int32Array.from(rows, ([digit]) => digit!) },
  { validation: 0.2, test: 0.1 },
);

function makeClassifier() {
  const hidden = layers.dense({ name: "hidden", inputShape: [64], units: 48, activation: "relu" });
  const model = sequential({ layers: [hidden, layers.dense({ name: "digit", units: 10 })] });
  return layersModule(model, { loss: losses.crossEntropy, metrics: { accuracy: metrics.accuracy } });
}

const callbacks = [new ModelCheckpoint({ monitor: "val_accuracy", mode: "max" })];
const optimizer = { lr: 5e-3 };
const trainer = new Trainer({ name: "digits", overwrite: true, maxEpochs: 15, optimizer, callbacks });
const classifier = makeClassifier();
const run = await trainer.fit(classifier, data);
run.load("best");
console.log(await trainer.test(classifier, data));

// In another process: the same model, with the weights of the run's folder.
const loaded = makeClassifier();
openRun("runs/digits").load(loaded, "best");
const logits = await trainer.predict(loaded, { x: x.slice(0, 10) });
console.log("the first ten digits:", logits.argMax(1).arraySync());
