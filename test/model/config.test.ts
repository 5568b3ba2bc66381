import { expect, test } from "vitest";
import { memory } from "../../lib/engine";
import { buildModel, type ModelInput, readModelConfig } from "../../lib/model";
import { INPUT, SMALL, small } from "./configs";

const block = { conv_params: { kernel_size: 3 }, norm_type: "none" };
const resnet = (change: object) => ({
  convnet: { type: "resnet", params: { channels: [4], block_configs: [{ ...block, ...change }] } },
});
/** Builds a model and returns the error's text; no tensor may remain. */
function failure(changes: Record<string, unknown>, input: ModelInput = INPUT): string {
  const before = memory().tensors;
  try {
    buildModel(small(changes), input, 1, "small.yaml").dispose();
    return "";
  } catch (error) {
    expect(memory().tensors, "tensors of a model that was refused").toBe(before);
    return (error as Error).message;
  }
}

test("rejects an unknown type and lists the valid types", () => {
  expect(failure({ convnet: { type: "resnt" } })).toBe(
    'small.yaml: convnet.type: "resnt" is not one of: none, cnn, vanilla, resnet, densenet, vivit, rotation_equivariant (did you mean "resnet"?)',
  );
  expect(failure({ output_activation: "softplu" })).toMatch(
    /^small.yaml: output_activation: "softplu" is not one of/,
  );
  expect(failure(resnet({ norm_type: "rmss" }))).toMatch(
    /^small.yaml: convnet.params.block_configs.0.norm_type: "rmss" is not one of: .*did you mean "rms"/,
  );
  expect(failure(resnet({ conv_params: { type: "depthwize", kernel_size: 3 } }))).toMatch(
    /block_configs.0.conv_params.type: "depthwize" is not one of: standard, depthwise/,
  );
});

test("rejects an unknown key and lists the valid keys, at every depth", () => {
  expect(failure({ frontnd: SMALL.frontend })).toMatch(
    /^small.yaml: unknown key "frontnd" .*did you mean "frontend"/,
  );
  expect(failure({ recurrent: { type: "convgru", params: { hiden_dim: 3 } } })).toMatch(
    /recurrent.params: unknown key "hiden_dim" .*did you mean "hidden_dim"/,
  );
  expect(failure(resnet({ norm_type: "rms", norm_params: { epss: 1 } }))).toMatch(
    /convnet.params.block_configs.0.norm_params: unknown key "epss" .*eps/,
  );
});

test("reports all errors at once, at any depth", () => {
  const wrong = {
    ...resnet({ norm_type: "rmss", act_type: "relu", act_params: { slope: 1 }, pool_params: { type: "mx" } }),
    recurrent: { type: "convgr" },
    readout: { type: "gaussian", params: { initial_sd: 1 } },
    output_activation: "softplu",
  };
  const lines = failure(wrong).split("\n");
  expect(lines[0]).toBe("small.yaml:");
  const block = "convnet.params.block_configs.0";
  expect(lines.slice(1).map((line) => line.replace(/:.*/, ""))).toEqual([
    "  - output_activation",
    `  - ${block}.norm_type`,
    `  - ${block}.act_params`,
    `  - ${block}.pool_params.type`,
    "  - recurrent.type",
    "  - readout.params",
  ]);
  expect(lines[2]).toMatch(/"rmss" is not one of: batch, .*did you mean "rms"/);
  expect(lines[5]).toMatch(/"convgr" is not one of: none, convgru, gru, lstm \(did you mean "convgru"/);
});

test("rejects impossible shapes before it creates a tensor", () => {
  expect(failure({ frontend: { type: "learnable_temporal", params: { kernel_size: 7 } } })).toBe(
    "small.yaml: frontend.params.kernel_size: 7 taps are more than the 6 lags; make it smaller or give the model more lags",
  );
  expect(failure(resnet({ conv_params: { kernel_size: [1, 12, 3] } }))).toMatch(
    /block_configs.0.conv_params.kernel_size: spans 12 rows, but its input has only 11/,
  );
  expect(failure(resnet({ pool_params: { type: "max", kernel_size: [4, 2, 2] } }))).toMatch(
    /block_configs.0.pool_params.kernel_size: spans 4 frames, but its input has only 3/,
  );
  expect(failure(resnet({ conv_params: { kernel_size: 3, padding: [0, 2, 1] } }))).toMatch(
    /conv_params.padding: makes the block's output \(13\) larger than its input \(11 .*along height/,
  );
  expect(failure({ recurrent: { type: "convgru", params: { kernel_size: 2 } } })).toBe(
    "small.yaml: recurrent.params.kernel_size: is 2, but must be odd, so that the state keeps its size",
  );
  expect(failure(resnet({ order: ["pad", "norm"] }))).toMatch(/order: \[pad, norm\] must contain conv/);
  expect(failure(resnet({ norm_type: "group", norm_params: { num_groups: 3 } }))).toMatch(
    /num_groups: is 3, but must divide the 4 channels/,
  );
  expect(failure({ convnet: { type: "cnn", params: { channels: [4, 8], block_configs: [block] } } })).toMatch(
    /channels: has 2 entries for the 1 blocks/,
  );
  expect(failure({}, { ...INPUT, units: [] })).toMatch(/units: needs one positive number per session/);
});

test("states what a stage allows and what to change", () => {
  const frontend = (type: string, params: object) => failure({ frontend: { type, params } });
  expect([
    frontend("temporal_basis", { num_cosine_funcs: 3, history_bins: 6, chomp: 6 }),
    frontend("temporal_basis", { num_cosine_funcs: 0, history_bins: 6 }),
    frontend("learnable_temporal", { kernel_size: 3, num_channels: 3, split_MP: true }),
    failure(resnet({ pool_params: { type: "max", kernel_size: 2, padding: 2 } })),
    failure(resnet({ pool_params: { type: "locatt", chan_window: 3, spatial_kernel: 3 } })),
  ]).toEqual([
    "small.yaml: frontend.params.chomp: is 6, but a sample has only 6 frames; make it smaller, or give the model more lags",
    "small.yaml: frontend.params.num_cosine_funcs: is 0, and num_delta_funcs is 0, so the basis is empty; give at least one function",
    "small.yaml: frontend.params.num_channels: is 3, but split_MP divides the channels in half; use an even number, or set split_MP: false",
    "small.yaml: convnet.params.block_configs.0.pool_params.padding: is [2,2,2], but may be at most half of the kernel [2,2,2]",
    "small.yaml: convnet.params.block_configs.0.pool_params.chan_window: is 3, but must divide the 4 channels",
  ]);
});

test("names both keys when a modulator expects another number of behaviour variables", () => {
  const film = (params: object) => ({ modulator: { type: "film", params } });
  expect(failure(film({ behavior_dim: 10 }), { ...INPUT, behaviors: 42 })).toBe(
    "small.yaml: modulator.params.behavior_dim: is 10, but behaviors is 42: the sessions serve 42 variables of behavior; " +
      "give both the same number",
  );
  expect(failure(film({ behavior_dim: 10 }))).toMatch(/behaviors is 0: the sessions serve no behavior/);
  expect(failure(film({}))).toMatch(
    /behavior_dim: is not given, but behaviors is 0: the sessions serve no beh/,
  );
  expect(failure(film({}), { ...INPUT, behaviors: 3 })).toBe("");
});

test("reports errors of a regularizer with the allowed values", () => {
  const l1 = { type: "l1", lambda: 1, apply_to: ["readouts/features"] };
  const regularization = (...list: object[]) =>
    failure({ regularization: list.map((r) => ({ ...l1, ...r })) });
  expect(regularization({ type: "l3" })).toMatch(
    /regularization.0.type: "l3" is not one of: l1, l2, group_lasso/,
  );
  expect(regularization({}, { applyto: [] })).toMatch(
    /regularization.1: unknown key "applyto" .*did you mean "apply_to"/,
  );
  expect(regularization({ apply_to: [] })).toMatch(/regularization.0.apply_to/);
  expect(regularization({ schedule: { kind: "warmup", start_epoch: 3, start_lambda: 2 } })).toBe(
    "small.yaml: regularization.0.schedule.start_lambda: a warmup schedule has no start_lambda; it has kind, start_epoch, " +
      "end_epoch; found 2",
  );
});

test("builds the quick start's configuration for the demo's sessions", () => {
  const file = "configs/models/quickstart.yaml";
  const input = { lags: 11, height: 17, width: 17, units: [24, 30, 20] };
  const model = buildModel(readModelConfig(file), input, 1, file);
  const rows = model.summary(64);
  expect(rows.map(({ stage, outputShape }) => [stage, outputShape.join("×")])).toEqual([
    ["adapter", "64×11×17×17×1"],
    ["frontend", "64×1×17×17×4"],
    ["convnet", "64×1×5×5×64"],
    ["modulator", "64×1×5×5×64"],
    ["recurrent", "64×1×5×5×64"],
    ["readout", "64×74"],
  ]);
  const size = model.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
  expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(size);
  // Small enough for some five thousand steps a minute on two cores.
  expect(3 * rows.reduce((sum, { flops }) => sum + flops, 0)).toBeLessThan(1e9);
  model.dispose();
});

test("a model that reads only the last frame computes as much with 60 lags as with 11", () => {
  const file = "configs/models/quickstart.yaml";
  const config = readModelConfig(file);
  const flopsWith = (lags: number) => {
    const model = buildModel(config, { lags, height: 17, width: 17, units: [24, 30, 20] }, 1, file);
    const rows = model.summary(64);
    model.dispose();
    return rows.map(({ stage, flops }) => [stage, flops]);
  };
  expect(flopsWith(60)).toEqual(flopsWith(11));
});
