import { expect, test } from "vitest";
import type { Note } from "../../lib/base/config/notes";
import { tf } from "../../lib/engine";
import { buildModel, type ModelInput, parseModelConfig } from "../../lib/model";
import { notesOfDerived } from "../../lib/model/derived";
import { planModel } from "../../lib/model/plan";

const INPUT: ModelInput = { lags: 4, height: 9, width: 9, units: [3, 2, 4] };
const SMALL = {
  frontend: { type: "learnable_temporal", params: { kernel_size: 3, num_channels: 2 } },
  readout: { type: "gaussian", params: {} },
};

function parsed(config: object) {
  const notes: Note[] = [];
  const read = parseModelConfig({ ...SMALL, ...config }, "model.yaml", (note) => notes.push(note));
  return { read, notes: notes.map(({ path, message }) => `${path}: ${message}`) };
}

test("names the keys that the PyTorch package ignores", () => {
  const reason = "has no effect in the PyTorch package, and none here; leave it out";
  const block = { conv_params: { kernel_size: 3, weight_norm_dim: 0 }, out_channels: 7 };
  const { read, notes } = parsed({
    height: 51,
    convnet: {
      type: "resnet",
      params: { channels: [4], dim: 3, checkpointing: true, block_configs: [block] },
    },
    modulator: { type: "convgru", params: { behavior_dim: 2, use_layer_norm: true, learnable_h0: true } },
    recurrent: { type: "none", params: { hidden_dim: 8 } },
  });
  expect(notes).toEqual(
    [
      "height",
      "convnet.params.dim",
      "convnet.params.checkpointing",
      "convnet.params.block_configs.0.out_channels",
      "convnet.params.block_configs.0.conv_params.weight_norm_dim",
      "modulator.params.use_layer_norm",
      "modulator.params.learnable_h0",
      "recurrent.params",
    ].map((path) => `${path}: ${reason}`),
  );
  expect(read.modulator.params).toEqual({ behavior_dim: 2 });
  expect(() =>
    parsed({ modulator: { type: "convgru", params: { behavior_dim: 2, use_layer_nrm: 1 } } }),
  ).toThrow(
    'model.yaml: modulator.params: unknown key "use_layer_nrm" is not one of: behavior_dim, feature_dim, hidden_dim, beh_emb_dim, kernel_size',
  );
});

test("says which derived values are used in place of others", () => {
  const { read } = parsed({
    modulator: { type: "film", params: { feature_dim: 32 } },
    readout: { type: "gaussian", params: { n_units: 3, in_channels: 2 } },
  });
  const input = { ...INPUT, behaviors: 5 };
  const notes = notesOfDerived(read, input, planModel(read, input, "model.yaml"), "model.yaml");
  expect(notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    "readout.params.n_units: is 3, but 3, 2, 4 are used: the units in the sessions' cids; leave it out",
    "modulator.params.feature_dim: is 32, but 2 is used: the channels that reach the modulator; leave it out",
  ]);
});

test("gives a convgru modulator the mean over the behaviour's lags", () => {
  const modulator = { type: "convgru", params: { behavior_dim: 2, hidden_dim: 3, beh_emb_dim: 2 } };
  const { read } = parsed({ modulator });
  const stim = tf.randomNormal([2, 4, 9, 9, 1], 0, 1, "float32", 1) as tf.Tensor5D;
  const behavior = tf.tensor2d([[1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 3, 1]]); // biome-ignore format: rows
  const mean = tf.tensor2d([[3, 4], [1, 1]]); // biome-ignore format: rows
  const rates = (lags: number, given: tf.Tensor2D) => {
    const model = buildModel(read, { ...INPUT, behaviors: 2 * lags, behaviorLags: lags }, 0);
    const out = tf.tidy(() =>
      Array.from(model.forward({ stim, behavior: given }, { training: false }).dataSync()),
    );
    model.dispose();
    return out;
  };
  const [all, one] = [rates(3, behavior), rates(1, mean)];
  all.forEach((rate, i) => {
    expect(rate).toBeCloseTo(one[i]!, 6);
  });
  tf.dispose([stim, behavior, mean]);
});

test("gives sessions their own adapters and readouts", () => {
  const adapter = (init_sigma: number) => ({ type: "adapter", params: { grid_size: 9, init_sigma } });
  const linear = { type: "linear", params: { bias: true } };
  const { read } = parsed({ adapter: adapter(1) });
  const input = { ...INPUT, sessionStages: [{}, { adapter: adapter(2), readout: linear }, {}] };
  const mixed = buildModel(read, input, 0);
  const plain = buildModel(read, INPUT, 0);
  const names = mixed.parameters.map(({ name }) => name);
  expect(names).toContain("readouts.1.fc.weight");
  expect(names).not.toContain("readouts.1.mean");
  expect(mixed.variable("adapters.1.log_sigma").dataSync()[0]).toBeCloseTo(Math.log(Math.expm1(2)), 6);
  const stim = tf.randomNormal([3, 4, 9, 9, 1], 0, 1, "float32", 1) as tf.Tensor5D;
  const dataset = tf.tensor1d([0, 1, 2], "int32");
  const rates = (model: typeof mixed) =>
    tf.tidy(() => model.forward({ stim, dataset }, { training: false }).arraySync());
  const [own, shared] = [rates(mixed), rates(plain)];
  // Samples and units of the other sessions are as without them.
  for (const [sample, units] of [[0, [0, 1, 2]], [2, [5, 6, 7, 8]]] as const) // biome-ignore format: pairs
    for (const unit of units) expect(own[sample]![unit]).toBeCloseTo(shared[sample]![unit]!, 6);
  expect(own[1]![3]).not.toBeCloseTo(shared[1]![3]!, 4);
  expect(() =>
    planModel(
      read,
      { ...input, sessionStages: [{}, { adapter: { ...adapter(1), params: { grid_size: 7 } } }] },
      "m",
    ),
  ).toThrow(
    "m: sessions.1.adapter: gives frames of 7 × 7, but the adapter of the first session gives 9 × 9; the core is shared, so all adapters need one size",
  );
  tf.dispose([stim, dataset]);
  mixed.dispose();
  plain.dispose();
});
