import { layers, sequential } from "@tensorflow/tfjs";
import { arrayBatches, layersModule, losses, metrics, Trainer } from "gradbook";

// A series of two rhythms, and for each window of 12 values the one that follows.
const WINDOW = 12;
const series = Array.from({ length: 600 }, (_, t) => Math.sin(t / 3) + 0.5 * Math.sin(t / 1.3));
const starts = Array.from({ length: series.length - WINDOW }, (_, t) => t);
const x = starts.map((t) => series.slice(t, t + WINDOW).map((value) => [value]));
const y = Float32Array.from(starts, (t) => series[t + WINDOW]!);
// In chronological order: the last windows are for the test, the windows before them for validation.
const data = arrayBatches({ x, y }, { validation: 0.15, test: 0.15, shuffle: false });

const lstm = layers.lstm({ name: "lstm", inputShape: [WINDOW, 1], units: 16 });
const model = sequential({ layers: [lstm, layers.dense({ name: "next", units: 1 })] });
const forecaster = layersModule(model, {
  loss: losses.huber,
  metrics: { r2: metrics.r2, correlation: metrics.correlation },
});

const trainer = new Trainer({ name: "lstm", overwrite: true, maxEpochs: 15, optimizer: { lr: 1e-2 } });
await trainer.fit(forecaster, data);
console.log(await trainer.test(forecaster, data));

const next = await trainer.predict(forecaster, { x: [series.slice(-WINDOW).map((value) => [value])] });
console.log("the value that follows the series:", next.dataSync()[0]);
