import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTorch } from "../../lib/base/torch/read-torch";
import type { TorchTensor } from "../../lib/base/torch/tensor";
import { buildModel, type ModelInput, parseModelConfig } from "../../lib/model";
import { arraysOf, saveCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { NOTHING_GOES_ON } from "../../lib/trainer/checkpoint/state";
import { exportLightning } from "../../lib/twin/export-lightning";
import { importTorch } from "../../lib/twin/import-torch";
import { newFolder } from "../new-folder";

const INPUT = { lags: 6, height: 8, width: 8, units: [3, 2] };
const BLOCK = { conv_params: { kernel_size: [2, 3, 3] }, act_type: "relu" };

/** Writes a model's first weights as a checkpoint, exports it, and returns the exported tensors by name and both paths. */
function exported(model: object, input: ModelInput = INPUT) {
  const [ours, back] = ["ours.safetensors", "back.ckpt"].map((name) => join(newFolder(), name)) as [
    string,
    string,
  ];
  const config = parseModelConfig(
    { readout: { type: "linear" }, lag_order: "newest_first", ...model },
    "test",
  );
  const built = buildModel(config, input, 0);
  const variables = new Map([...built.parameters, ...built.state].map((p) => [p.name, p.variable]));
  const state = {
    format: 1,
    epoch: 3,
    step: 40,
    seed: 0,
    ...NOTHING_GOES_ON,
    metrics: {},
    config: { model: config },
  } as const;
  saveCheckpoint(ours, arraysOf(variables), state);
  built.dispose();
  const report = exportLightning({ checkpoint: ours, out: back });
  const file = readTorch(back) as ReadonlyMap<string, unknown>;
  const tensors = file.get("state_dict") as ReadonlyMap<string, TorchTensor>;
  return {
    ours,
    back,
    report,
    tensors,
    options: file.get("hyper_parameters") as ReadonlyMap<string, unknown>,
  };
}

/** Expects two checkpoints to have the same values. */
function expectEqualTensors(before: string, after: string): void {
  const [first, second] = [before, after].map((path) => readSafetensors(path).tensors);
  expect([...second!.keys()].sort()).toEqual([...first!.keys()].sort());
  for (const [name, { values }] of first!) expect([...second!.get(name)!.values], name).toEqual([...values]);
}

const convnet = (block: object) => ({
  convnet: { type: "vanilla", params: { channels: [4], block_configs: [{ ...BLOCK, ...block }] } },
});
const part = (name: string) => `model.convnet.layers.0.components.${name}`;

describe("exportLightning", () => {
  test.each([
    ["batch", {}, ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]],
    ["instance", { affine: true }, ["weight", "bias"]],
    ["group", {}, ["weight", "bias"]],
    ["rms", {}, ["gamma", "beta"]],
    ["grn", {}, ["gamma", "beta"]],
  ])("names the weights of a norm of type %s as PyTorch does", (norm_type, norm_params, names) => {
    const { tensors, ours, back } = exported(convnet({ norm_type, norm_params }));
    const found = [...tensors.keys()].filter((name) => name.startsWith(part("norm.")));
    expect(found.sort()).toEqual(names.map((name) => part(`norm.${name}`)).sort());
    const again = `${ours}.again`;
    const { missing, leftOver } = importTorch({ weights: back, out: again, input: INPUT });
    expect({ missing, leftOver }).toEqual({ missing: [], leftOver: [] });
    expectEqualTensors(ours, again);
  });

  test.each([
    ["standard", {}],
    ["depthwise", { conv_params: { type: "depthwise", kernel_size: [2, 3, 3] } }],
  ])("keeps the weights of a %s convolution over several channels of the stimulus", (_, block) => {
    const input = { ...INPUT, channels: 3 };
    const { ours, back } = exported({ ...convnet(block), initial_input_channels: 3 }, input);
    const again = `${ours}.again`;
    const { missing, leftOver } = importTorch({ weights: back, out: again, input });
    expect({ missing, leftOver }).toEqual({ missing: [], leftOver: [] });
    expectEqualTensors(ours, again);
  });

  test("writes the steps that a batch norm has seen as one 64-bit integer", () => {
    const { tensors } = exported(convnet({ norm_type: "batch" }));
    const count = tensors.get(part("norm.num_batches_tracked"))!;
    expect([count.shape, count.dtype, [...count.read()]]).toEqual([[], "int64", [40]]);
  });

  test("keeps the window of a depthwise convolution as a parametrization", () => {
    const conv_params = { type: "depthwise", kernel_size: [2, 5, 5], aa_signal: true };
    const { tensors } = exported(convnet({ conv_params }));
    const names = [...tensors.keys()].filter((name) => name.startsWith(part("conv.")));
    expect(names.filter((name) => name.includes("weight")).sort()).toEqual([
      part("conv.depthwise.parametrizations.weight.original"),
      part("conv.pointwise.weight"),
    ]);
  });

  test("writes the filters that follow from a frontend's options, the longest lag first", () => {
    const basis = exported({
      frontend: {
        type: "temporal_basis",
        params: { num_delta_funcs: 1, num_cosine_funcs: 0, history_bins: 3 },
      },
    }).tensors.get("model.frontend.basis")!;
    expect([basis.shape, [...basis.read()]]).toEqual([
      [1, 1, 4],
      [0, 0, 1, 0],
    ]);
    const { tensors, options } = exported({
      frontend: { type: "da", params: { filter_length: 4, sampling_rate: 200 } },
    });
    const fast = tensors.get("model.frontend.Ky_filter")!;
    expect([fast.shape, fast.read()[3]]).toEqual([[1, 1, 4], 0]);
    expect(tensors.get("model.frontend.tau_z_ms")!.read()[0]).toBe(60);
    // The package gives the frontend the model's rate.
    const model = options.get("model_config_dict") as ReadonlyMap<string, unknown>;
    expect(model.get("sampling_rate")).toBe(200);
    expect(new Map(Object.entries({ filter_length: 4 }))).toEqual(
      (model.get("frontend") as ReadonlyMap<string, unknown>).get("params"),
    );
  });

  test("lists the weights of layers with spectral norm as PyTorch does, the bias first", () => {
    const params = { num_lags: 2, hidden_dims: [4], spectral_norm: true };
    const { tensors } = exported({ model_type: "v1multi_history", history_encoder: { type: "mlp", params } });
    const names = [...tensors.keys()].filter((name) => name.startsWith("model.spike_history.0."));
    const layer = ["bias", "weight_orig", "weight_u", "weight_v"];
    expect(names).toEqual(
      ["mlp.0.linear", "mlp.1"].flatMap((at) => layer.map((leaf) => `model.spike_history.0.${at}.${leaf}`)),
    );
  });

  test("says why it writes no state of the optimizer", () => {
    expect(exported({}).report.optimizer).toBe("the checkpoint has none");
  });
});
