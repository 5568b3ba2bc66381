import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { OrderedDict, TensorToWrite } from "../../lib/base/torch/pickle";
import { writeTorch } from "../../lib/base/torch/write-torch";
import { importTorchCommand } from "../../lib/cli/import-torch";
import { tf } from "../../lib/engine";
import { buildModel, readModelConfig } from "../../lib/model";
import { loadCheckpoint, readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { importTorch } from "../../lib/twin/import-torch";
import { ourName } from "../../lib/twin/torch-names";
import { ourLayout } from "../../lib/twin/torch-weights";
import { newFolder } from "../new-folder";

const MODEL = `
frontend: {type: learnable_temporal, params: {kernel_size: 4, num_channels: 2}}
convnet:
  type: cnn
  params:
    channels: [4]
    block_configs:
      - {conv_params: {kernel_size: [2, 3, 3], use_weight_norm: true}, norm_type: batch, act_type: relu, order: [conv, norm, act]}
readout: {type: linear}
`;
const python = process.env.GRADBOOK_TORCH_PYTHON;

test.skipIf(!python)(
  "computes the rates of a Lightning checkpoint (needs GRADBOOK_TORCH_PYTHON, a Python with PyTorch)",
  () => {
    const dir = newFolder();
    const at = (name: string) => join(dir, name);
    writeFileSync(at("model.yaml"), MODEL);
    execFileSync(python!, [join(__dirname, "torch", "make_checkpoint.py"), dir]);
    const args = ["--import", "tsx", "lib/cli/main.ts", "import-torch", at("model.ckpt")];
    const output = execFileSync(
      process.execPath,
      [...args, "--config", at("model.yaml"), "--out", at("ours.safetensors")],
      { encoding: "utf8" },
    );
    expect(output).toContain("11 weights written to");
    expect(output).not.toContain("missing in the checkpoint");
    expect(output).toContain(
      "left over in the checkpoint:\n  model.extra.weight: the model has no such weight",
    );

    const { stim, rates } = JSON.parse(readFileSync(at("expected.json"), "utf8")) as {
      stim: number[][][][];
      rates: number[][];
    };
    const input = { lags: 5, height: 6, width: 7, units: [3, 2] };
    const model = buildModel(readModelConfig(at("model.yaml")), input, 0);
    const variables = new Map([...model.parameters, ...model.state].map((p) => [p.name, p.variable]));
    expect(loadCheckpoint(at("ours.safetensors"), variables)).toMatchObject({ epoch: 4, step: 120 });
    const found = tf.tidy(() => {
      const movie = tf.expandDims(tf.tensor4d(stim), 4) as tf.Tensor5D;
      return model.forward({ stim: movie }, { training: false }).arraySync();
    });
    found.forEach((row, i) => {
      row.forEach((rate, unit) => {
        expect(rate).toBeCloseTo(rates[i]![unit]!, 5);
      });
    });
    model.dispose();
  },
);

test("reports missing and excess weights, and rejects a checkpoint without a readout", () => {
  const dir = newFolder();
  const [weights, config, out] = ["weights", "model.yaml", "out"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(config, MODEL);
  const array = (...shape: number[]) => ({
    shape,
    values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const tensors = new Map([
    ["model.readouts.0.fc.weight", array(3, 4)],
    ["model.readouts.0.fc.bias", array(3)],
    ["model.frontend.temporal_conv.weight", array(2, 1, 5, 1, 1)],
  ]);
  writeSafetensors(weights, { tensors, metadata: {} });
  const report = importTorch({ weights, config, out });
  expect(report.loaded).toEqual(["readouts.0.fc.weight", "readouts.0.fc.bias"]);
  expect(report.missing).toContain("frontend.temporal_conv.weight");
  expect(report.leftOver).toEqual([
    {
      name: "model.frontend.temporal_conv.weight",
      reason: "its shape [2,1,5,1,1] does not fit the model's [4,1,1,1,2]",
    },
  ]);
  importTorch({ weights, config, out, sessions: ["ada"] });
  expect(readCheckpoint(out).state).toMatchObject({ datasets: ["ada"], history: [] });
  expect(() => importTorch({ weights, config, out, sessions: ["ada", "bob"] })).toThrow(
    "weights: sessions: are 2 (ada, bob), but the checkpoint has readouts of 1; name all in its order",
  );
  writeSafetensors(weights, { tensors: new Map([["model.a", array(1)]]), metadata: {} });
  expect(() => importTorch({ weights, config, out })).toThrow(/holds no readout: .*\(a, \.\.\.\)/);
});

test("ends with exit code 2 and names the stages that the checkpoint lacks as a whole", async () => {
  const dir = newFolder();
  const readout = { "model.readouts.0.fc.weight": [3, 4], "model.readouts.0.fc.bias": [3] };
  const convnet = { "model.convnet.layers.0.norm.weight": [4] };
  const errors = vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(console, "log").mockReturnValue();
  const run = async (shapes: Record<string, number[]>) => {
    const weights = Object.entries(shapes).map(([name, shape]) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, new TensorToWrite(values, shape)] as const;
    });
    writeTorch(join(dir, "model.ckpt"), "model", { state_dict: new OrderedDict(weights) });
    const files = ["--config", join(dir, "model.yaml"), "--out", join(dir, "ours.safetensors")];
    errors.mockClear();
    process.exitCode = 0;
    await importTorchCommand().parseAsync([join(dir, "model.ckpt"), ...files], { from: "user" });
    return [process.exitCode, ...errors.mock.calls.flat()];
  };
  writeFileSync(join(dir, "model.yaml"), MODEL);
  expect(await run(readout)).toEqual([2, "the checkpoint has no weight of: frontend, convnet"]);
  expect(await run({ ...readout, ...convnet })).toEqual([2, "the checkpoint has no weight of: frontend"]);
  const frontend = { "model.frontend.temporal_conv.weight": [2, 1, 4, 1, 1] };
  expect(await run({ ...readout, ...convnet, ...frontend })).toEqual([0]);
  vi.restoreAllMocks();
});

test("converts PyTorch's names and layouts", () => {
  expect(ourName("model._orig_mod.convnet.layers.0.main.conv.parametrizations.weight.original0")).toBe(
    "convnet.layers.0.main.conv.weight_g",
  );
  expect(ourName("model.convnet.layers.0.main.norm.weight")).toBe("convnet.layers.0.main.norm.gamma");
  expect(ourName("convnet.stem.conv.conv.weight")).toBe("convnet.stem.conv.weight");
  expect(ourName("convnet.stem.norm.num_batches_tracked")).toBeUndefined();
  expect(ourName("model.convnet.layers.0.main_block.components.conv.conv.parametrizations.weight.0.v")).toBe(
    "convnet.layers.0.main.conv.weight_v",
  );
  expect(ourName("model.spike_history.1.mlp.2.weight_orig")).toBe("spike_history.1.layers.2.weight");
  expect(ourName("model.spike_history.1.mlp.0.linear.weight_v")).toBe("spike_history.1.layers.0.v");
  expect(ourName("model.modulator.encoder.mlp.0.linear.bias")).toBe("modulator.encoder.layers.0.bias");
  const array = (shape: number[], values: number[]) => ({ shape, values: Float32Array.from(values) });
  const laidOut = (name: string, from: ReturnType<typeof array>, shape: number[], lags = 1) =>
    (["oldest_first", "newest_first"] as const).map((order) =>
      Array.from(ourLayout(from, { name, shape, historyLags: lags, order }) ?? []),
    );
  const same = (...values: number[]) => [values, values];
  // Two filters of two taps: filters come last, and time is reversed for a model that receives the oldest frame first.
  const filters = array([2, 1, 2, 1, 1], [1, 2, 3, 4]);
  expect(laidOut("conv.weight", filters, [2, 1, 1, 1, 2])).toEqual([
    [2, 4, 1, 3],
    [1, 3, 2, 4],
  ]);
  const features = array([2, 3, 1, 1], [1, 2, 3, 4, 5, 6]);
  expect(laidOut("features.weight", features, [3, 2])).toEqual(same(1, 4, 2, 5, 3, 6));
  expect(laidOut("mean", array([1, 2], [1, 2]), [1, 2])).toEqual(same(1, 2));
  expect(laidOut("conv.weight_g", array([2, 1, 1, 1, 1], [1, 2]), [2])).toEqual(same(1, 2));
  expect(laidOut("norm.gamma", array([1, 2, 1, 1, 1], [1, 2]), [2])).toEqual(same(1, 2));
  // Three lags of two units, and one filter.
  const lags = array([1, 6], [1, 2, 3, 4, 5, 6]);
  const turned = [
    [5, 6, 3, 4, 1, 2],
    [1, 2, 3, 4, 5, 6],
  ];
  expect(laidOut("spike_history.0.layers.0.weight", lags, [6, 1], 3)).toEqual(turned);
  expect(laidOut("spike_history.0.layers.0.v", array([6], [1, 2, 3, 4, 5, 6]), [6], 3)).toEqual(turned);
});
