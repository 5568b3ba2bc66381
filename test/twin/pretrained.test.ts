import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { buildModel, type Model, type ModelInput, parseModelConfig } from "../../lib/model";
import { arraysOf, loadCheckpoint, saveCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { NOTHING_GOES_ON } from "../../lib/trainer/checkpoint/state";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";
import { loadPretrained } from "../../lib/twin/pretrained";
import { SMALL } from "../model/configs";
import { newFolder } from "../new-folder";

const dir = newFolder();
let trained: string;
const block = { ...SMALL.convnet.params.block_configs[0], norm_type: "batch" };
const config = parseModelConfig(
  { ...SMALL, convnet: { type: "resnet", params: { channels: [4], block_configs: [block] } } },
  "test",
);
const OLD: ModelInput = { lags: 6, height: 11, width: 11, units: [3, 2] };
const NEW: ModelInput = { ...OLD, units: [4] };

const variables = (model: Model) =>
  new Map([...model.parameters, ...model.state].map(({ name, variable }) => [name, variable]));
const valuesOf = (model: Model, name: string) => Array.from(model.variable(name).dataSync());
const state = { format: 1, epoch: 0, step: 0, seed: 0, ...NOTHING_GOES_ON, metrics: {}, config: {} } as const;

beforeAll(() => {
  trained = join(dir, "old.safetensors");
  const model = buildModel(config, OLD, 7);
  saveCheckpoint(trained, arraysOf(variables(model)), state);
  model.dispose();
});

test("loads a trained core by name for new sessions and keeps it frozen", async () => {
  const old = buildModel(config, OLD, 7);
  const model = buildModel(config, NEW, 1);
  const core = ["frontend", "convnet", "recurrent"] as const;
  const report = loadPretrained(model, trained, { stages: core, freeze: core });
  expect(report.missing).toEqual([]);
  expect(report.leftOver).toEqual([]);
  expect(report.loaded).toContain("convnet.layers.0.main.norm.running_var");
  expect(new Set(model.parameters.map(({ name }) => name.split(".")[0]))).toEqual(new Set(["readouts"]));

  const readout = valuesOf(model, "readouts.0.features.weight");
  const module = new BatchModule(model, randomBatches(NEW, { batchSize: 4, count: 1 }));
  await new Trainer({ dir, maxEpochs: 1, stepsPerEpoch: 4, batchSize: 4 }).fit(module);
  expect(valuesOf(model, "readouts.0.features.weight")).not.toEqual(readout);
  for (const name of report.loaded) expect(valuesOf(model, name), name).toEqual(valuesOf(old, name));
  module.dispose();
  old.dispose();
});

test("reports the weights that a checkpoint lacks or has in excess", () => {
  const other = parseModelConfig({ ...config, frontend: SMALL.frontend, recurrent: { type: "gru" } }, "test");
  const model = buildModel(other, NEW, 1);
  const report = loadPretrained(model, trained, { stages: ["recurrent"] });
  expect(report.loaded).toEqual([]);
  expect(report.missing).toContain("recurrent.rnn.weight_ih_l0");
  expect(report.leftOver).toContain("recurrent.cells.0.update_gate.weight");
  model.dispose();
});

test("loads adapters from the session of the same name, and none from a checkpoint without names", () => {
  const adapted = parseModelConfig(
    { ...SMALL, adapter: { type: "adapter", params: { grid_size: 11 } } },
    "test",
  );
  const old = buildModel(adapted, OLD, 7);
  tf.tidy(() => {
    old.variable("adapters.0.log_sigma").assign(tf.scalar(1));
    old.variable("adapters.1.log_sigma").assign(tf.scalar(2));
  });
  const file = join(dir, "adapted.safetensors");
  saveCheckpoint(file, arraysOf(variables(old)), { ...state, datasets: ["ada", "bob"] });
  const model = buildModel(adapted, OLD, 1);
  const first = valuesOf(model, "adapters.1.log_sigma");
  const stages = ["adapter"] as const;
  const { loaded, missing, leftOver } = loadPretrained(model, file, { stages, sessions: ["bob", "new"] });
  expect(valuesOf(model, "adapters.0.log_sigma")[0]).toBe(2);
  expect(valuesOf(model, "adapters.1.log_sigma")).toEqual(first);
  const own = (names: readonly string[]) => new Set(names.map((name) => name.slice(0, "adapters.0".length)));
  expect([loaded, missing, leftOver].map(own)).toEqual([
    new Set(["adapters.0"]),
    new Set(["adapters.1"]),
    new Set(["adapters.0"]),
  ]);
  expect(() => loadPretrained(model, file, { stages })).toThrow(
    /adapters\.0\.\w+: belongs to a session: give `sessions`, the names of the model's sessions in its order, or leave its stage out/,
  );
  saveCheckpoint(file, arraysOf(variables(old)), state);
  expect(() => loadPretrained(model, file, { stages, sessions: ["ada", "bob"] })).toThrow(
    /adapters\.0\.\w+: belongs to a session, and the checkpoint does not name its sessions: leave its stage out of `stages`, or import/,
  );
  const unnamed = loadPretrained(model, file, { sessions: ["ada", "bob"] });
  expect([own(unnamed.missing), own(unnamed.leftOver)]).toEqual([
    new Set(["adapters.0", "adapters.1"]),
    new Set(["adapters.0", "adapters.1"]),
  ]);
  expect(unnamed.loaded.length).toBeGreaterThan(0);
  for (const each of [model, old]) each.dispose();
});

test("rejects weights of another shape and non-finite weights, and changes nothing", () => {
  const wide = { type: "learnable_temporal", params: { kernel_size: 5, num_channels: 2 } };
  const other = buildModel(parseModelConfig({ ...config, frontend: wide }, "test"), NEW, 1);
  expect(() => loadPretrained(other, trained)).toThrow(
    /frontend.temporal_conv.weight: has shape \[4,1,1,1,2\] in the checkpoint, but \[5,1,1,1,2\] in the model/,
  );
  other.dispose();

  const model = buildModel(config, OLD, 3);
  const name = "recurrent.cells.0.out_gate.bias";
  tf.tidy(() => model.variable(name).assign(tf.tensor1d([0, Number.NaN, 0])));
  const broken = join(dir, "broken.safetensors");
  saveCheckpoint(broken, arraysOf(variables(model)), state);
  const before = valuesOf(model, "recurrent.cells.0.update_gate.bias");
  const message = /out_gate.bias: holds NaN at 1: the training that wrote it had diverged/;
  expect(() => loadCheckpoint(broken, variables(model))).toThrow(message);
  expect(() => loadPretrained(model, broken, { stages: ["recurrent"] })).toThrow(message);
  expect(valuesOf(model, "recurrent.cells.0.update_gate.bias")).toEqual(before);
  model.dispose();
});
