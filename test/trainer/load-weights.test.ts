import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DISPLAY } from "../../lib/base/jupyter/display";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { openRun } from "../../lib/evaluation/report/open-run";
import type { TrainedParameter, TrainingModule } from "../../lib/protocols/module";
import { loadWeights } from "../../lib/trainer/checkpoint/load-weights";
import { writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { summary } from "../../lib/trainer/summary";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";
import { Sampled } from "./sampled";

let dir: string;
let module: Sampled;
beforeEach(() => {
  dir = newFolder();
  module = new Sampled("shuffled");
});
afterEach(() => {
  module.dispose();
});
const values = ({ parameters }: TrainingModule) =>
  parameters.map(({ variable }) => Array.from(variable.dataSync()));
const messageOf = (act: () => unknown) => {
  try {
    return String(act());
  } catch (error) {
    return (error as Error).message;
  }
};

test("a reopened run loads its checkpoints into a new module", async () => {
  const callbacks = [new ModelCheckpoint({ monitor: "val_loss", saveTopK: 2 })];
  const run = await new Trainer({ dir, batchSize: 4, maxEpochs: 3, optimizer: { lr: 0.1 }, callbacks }).fit(
    module,
  );
  const last = values(module);
  run.load("best");
  const best = values(module);
  const opened = openRun(join(dir, "run"));
  const other = new Sampled("shuffled");
  expect(opened.load(other, "best").loaded).toEqual(["core.weight", "head.weight", "head.bias"]);
  expect(values(other)).toEqual(best);
  opened.load(other, "last");
  expect(values(other)).toEqual(last);
  opened.load(other, opened.best!.name);
  expect(values(other)).toEqual(best);
  expect(messageOf(() => opened.load(other, "best.safetensors"))).toBe(
    `${join(dir, "run")}: checkpoints: has no checkpoint best.safetensors; available: ${opened.checkpoints.map(({ name }) => name).join(", ")}`,
  );
  other.dispose();
});

test("another process loads the weights without training", async () => {
  await new Trainer({ dir, batchSize: 4, maxEpochs: 1, optimizer: { lr: 0.1 } }).fit(module);
  const script = `
    const { loadWeights, openRun, tf } = require(${JSON.stringify(resolve("dist/lib/index.js"))});
    const shapes = { "core.weight": [3, 4], "head.weight": [4, 1], "head.bias": [1] };
    const parameters = Object.entries(shapes).map(([name, shape]) => ({ name, variable: tf.variable(tf.zeros(shape)) }));
    openRun(${JSON.stringify(join(dir, "run"))}).load({ parameters, loss() {} }, "last");
    console.log(JSON.stringify(parameters.map(({ variable }) => Array.from(variable.dataSync()))));
  `;
  const said = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" });
  expect(JSON.parse(said)).toEqual(values(module));
});

test("loads a safetensors file that Python wrote", async () => {
  const file = join(dir, "weights.safetensors");
  await runPython(`
import numpy as np
from safetensors.numpy import save_file
save_file({"core.weight": np.arange(12, dtype=np.float32).reshape(3, 4), "head.weight": np.ones((4, 1), np.float32), "head.bias": np.zeros(1, np.float32)}, ${JSON.stringify(file)})
`);
  loadWeights(module, file);
  expect(values(module)).toEqual([Array.from({ length: 12 }, (_, i) => i), [1, 1, 1, 1], [0]]);
});

test("reports missing or unexpected weights and wrong shapes as an error, or in a report when not strict", () => {
  const file = join(dir, "weights.safetensors");
  const tensors = new Map([
    ["core.weight", { shape: [3, 4], values: new Float32Array(12).fill(2) }],
    ["head.weight", { shape: [4, 2], values: new Float32Array(8) }],
    ["tail.weight", { shape: [1], values: new Float32Array(1) }],
  ]);
  writeSafetensors(file, { tensors, metadata: {} });
  const before = values(module);
  const fewer = "give `strict: false` to load the weights that fit";
  expect(messageOf(() => loadWeights(module, file))).toBe(
    [
      `${file}:`,
      `  - head.bias: is missing in the file; ${fewer}`,
      `  - head.weight: has shape [4,2] in the file, but [4,1] in the module; ${fewer}`,
      `  - tail.weight: is in the file, but not in the module; ${fewer}`,
    ].join("\n"),
  );
  expect(values(module)).toEqual(before);
  expect(loadWeights(module, file, { strict: false })).toEqual({
    loaded: ["core.weight"],
    missing: ["head.bias"],
    leftOver: ["tail.weight"],
    mismatched: [{ name: "head.weight", inFile: [4, 2], inModule: [4, 1] }],
  });
  expect(values(module)[0]).toEqual(Array(12).fill(2));
  expect(values(module).slice(1)).toEqual(before.slice(1));
});

test("rejects non-finite values, and datasets in another order", async () => {
  const file = join(dir, "weights.safetensors");
  const tensors = new Map([
    ["core.weight", { shape: [3, 4], values: new Float32Array(12).fill(Number.NaN) }],
  ]);
  writeSafetensors(file, { tensors, metadata: {} });
  expect(messageOf(() => loadWeights(module, file, { strict: false }))).toBe(
    `${file}: core.weight: holds NaN at 0: the training that wrote it had diverged; take an earlier checkpoint`,
  );
  const named = Object.assign(module, { datasets: ["a", "b"] });
  const run = await new Trainer({ dir, batchSize: 4, maxEpochs: 1 }).fit(named);
  const turned = { parameters: module.parameters, datasets: ["b", "a"] };
  expect(messageOf(() => loadWeights(turned, run.kept.last!, { strict: false }))).toBe(
    `${run.kept.last}: datasets: are a, b in the file, but b, a in the module, and weights are numbered by them; ` +
      "make the module with the same ones in the same order, or load single stages with `loadPretrained`",
  );
});

test("a summary lists parameters and state, totals and memory", () => {
  const fixed: TrainedParameter = {
    name: "mean",
    variable: tf.tidy(() => tf.variable(tf.zeros([4]), false)),
  };
  const shown = summary({ parameters: module.parameters, state: [fixed] }, (name) => name.startsWith("core"));
  expect(String(shown)).toBe(
    [
      "17 parameters, 5 trained, 12 frozen, 4 values of state; 84 bytes of weights, 144 bytes in training without the activations",
      "name         shape  values  kind",
      "core.weight  3 × 4      12  frozen",
      "head.weight  4 × 1       4  trained",
      "head.bias    1           1  trained",
      "mean         4           4  state",
    ].join("\n"),
  );
  expect(shown[DISPLAY]()["text/html"]).toContain("<td>core.weight</td>");
  fixed.variable.dispose();
});
