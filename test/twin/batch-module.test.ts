import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { memory, tf } from "../../lib/engine";
import { buildModel, type ModelInput, parseModelConfig } from "../../lib/model";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, type ReadyBatch, randomBatches } from "../../lib/twin/batch-module";
import { SMALL } from "../model/configs";
import { newFolder } from "../new-folder";

const dir = newFolder();

const INPUT: ModelInput = { lags: 6, height: 13, width: 12, units: [3, 2, 4], behaviors: 5 };
const config = parseModelConfig(
  {
    ...SMALL,
    adapter: { type: "adapter", params: { grid_size: 11, transform: "affine" } },
    modulator: { type: "film", params: { behavior_dim: 5, encoder_params: { dims: [6] } } },
    regularization: [
      { type: "l1", lambda: 1e-3, apply_to: ["readouts/features"] },
      { type: "l2", lambda: 0, apply_to: ["convnet/weight"] },
      {
        name: "std",
        type: "proximal_clamp_positive",
        lambda: 0.8,
        apply_to: ["readouts/std", "readouts/stt"],
        schedule: { kind: "linear_decay", end_epoch: 2, start_lambda: 1.2 },
      },
    ],
  },
  "test",
);

test("splits batches over the sessions evenly, and counts only a session's own units", () => {
  const batches = randomBatches(INPUT, { batchSize: 8, count: 2 });
  expect(batches).toHaveLength(2);
  const [{ stim, behavior, dataset, mask }] = batches as [ReadyBatch];
  expect(stim!.shape).toEqual([8, 6, 13, 12, 1]);
  expect(behavior!.shape).toEqual([8, 5]);
  const sessions = [0, 0, 0, 1, 1, 1, 2, 2];
  expect(dataset!.arraySync()).toEqual(sessions);
  expect(mask.shape).toEqual([8, Math.max(...INPUT.units)]);
  mask.arraySync().forEach((row, i) => {
    const own = INPUT.units[sessions[i]!]!;
    expect(row.slice(own).every((valid) => valid === 0)).toBe(true);
    expect(row.slice(0, own)).toContain(1);
  });
  tf.dispose(batches);
});

test("serves counts of all units, and rejects any other number of columns", () => {
  const [batch] = randomBatches(INPUT, { batchSize: 4, count: 1 });
  const model = buildModel(config, INPUT, 1);
  const module = new BatchModule(model, [batch!]);
  const sums = (columns: number) =>
    tf.tidy(() => {
      const robs = tf.pad(batch!.robs, [[0, 0], [0, columns - 4]]); // biome-ignore format: pairs
      const mask = tf.pad(batch!.mask, [[0, 0], [0, columns - 4]]); // biome-ignore format: pairs
      return module.validationSums({ ...batch!, robs, mask } as ReadyBatch).arraySync() as number[][];
    });
  const [own, all] = [sums(4), sums(9)];
  // The last row has the number of valid bins of each unit. The columns of the first session's units are the same in both.
  expect(all[3]!.slice(0, 3).map((bins, unit) => bins >= own[3]![unit]!)).toEqual([true, true, true]);
  expect([own[3]!.length, all[3]!.length]).toEqual([9, 9]);
  expect(() => sums(5)).toThrow(
    "The batch has counts of 5 units, but the model has 4 units in its largest session and 9 units in all: column u of robs and mask is " +
      "unit u of the sample's session (4 columns), or unit u of all sessions (9 columns).",
  );
  module.dispose();
});

test("trains adapter, modulator and regularizers, keeps widths within bounds, and reports unmatched patterns", async () => {
  const before = memory().tensors;
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const model = buildModel(config, INPUT, 1);
  const decayed = model.parameters.filter(({ decay }) => decay).map(({ name }) => name);
  expect(decayed.filter((name) => name.startsWith("convnet"))).toEqual([]);
  expect(decayed.filter((name) => name.startsWith("adapters"))).toEqual([]);
  const module = new BatchModule(model, randomBatches(INPUT, { batchSize: 9, count: 2 }));
  const widths = () => {
    const all = tf.tidy(() => tf.concat([0, 1, 2].map((d) => model.variable(`readouts.${d}.std`))));
    const values = [...all.dataSync()];
    all.dispose();
    return values;
  };
  expect(Math.max(...widths())).toBe(1.5);
  const start = Array.from(model.variable("adapters.1.affine").dataSync());
  const trainer = new Trainer({
    dir,
    maxEpochs: 3,
    stepsPerEpoch: 15,
    batchSize: 9,
    optimizer: { lr: 0.01 },
  });
  const run = await trainer.fit(module);
  const losses = run.history.map(({ train_loss }) => train_loss);
  expect(losses[2]!).toBeLessThan(losses[0]! - 0.05);
  expect(Math.max(...widths())).toBeLessThanOrEqual(Math.fround(0.8));
  expect(Array.from(model.variable("adapters.1.affine").dataSync())).not.toEqual(start);
  const message = 'regularizer std: "readouts/stt" matches no parameter';
  expect(warn.mock.calls).toEqual([[message]]);
  expect(readFileSync(join(dir, "run", "events.jsonl"), "utf8")).toContain(JSON.stringify(message));
  warn.mockRestore();
  module.dispose();
  expect(memory().tensors).toBe(before);
});

test("maps a unit's position on the stimulus through its session's adapter", () => {
  const scaled = parseModelConfig(
    { ...config, adapter: { type: "adapter", params: { grid_size: 11 } } },
    "test",
  );
  const model = buildModel(scaled, INPUT, 1);
  const places = () => model.readoutPositions().map(({ stimulusY, stimulusX }) => [stimulusY, stimulusX]);
  for (const d of [0, 1, 2])
    tf.tidy(() =>
      model.variable(`readouts.${d}.mean`).assign(tf.ones(model.variable(`readouts.${d}.mean`).shape)),
    );
  const before = places();
  // Pixel 2.5 of the core is 6.5 of the adapter's output, whose pixels are 1.2 rows and 1.1 columns of the stimulus apart.
  expect(before[0]![0]).toBeCloseTo(6.5 * 1.2, 4);
  expect(before[0]![1]).toBeCloseTo(6.5 * 1.1, 4);
  const double = Math.log(Math.expm1(2));
  tf.tidy(() => model.variable("adapters.1.log_scale").assign(tf.tensor1d([double, double])));
  const after = places();
  expect(after[0]).toEqual(before[0]);
  // Twice as far from the frame's centre.
  expect(after[3]![0]).toBeCloseTo(6 + 2 * (6.5 * 1.2 - 6), 4);
  expect(after[3]![1]).toBeCloseTo(5.5 + 2 * (6.5 * 1.1 - 5.5), 4);
  model.dispose();
});

test("names the entry that a batch lacks", () => {
  const model = buildModel(config, INPUT, 1);
  const stim = tf.zeros([1, 6, 13, 12, 1]) as tf.Tensor5D;
  const dataset = tf.tensor1d([0], "int32");
  const mode = { training: false };
  expect(() => model.forward({ stim }, mode)).toThrow(
    "The model reads `dataset`, but the batch does not contain it.",
  );
  expect(() => model.forward({ stim, dataset }, mode)).toThrow("The model reads `behavior`");
  tf.dispose([stim, dataset]);
  model.dispose();
});

/** Without a stimulus, a single frame of a single pixel reaches the recurrent stage and the readout. */
const ONE_PIXEL = {
  modulator: { type: "concat", params: { behavior_dim: 5, encoder_params: { dims: [4] } } },
  readout: { type: "gaussian2d", params: {} },
};

test.each(["gru", "lstm"])("a model whose core is a single frame and pixel trains: %s", async (type) => {
  const recurrent = { type, params: { hidden_dim: 3, n_layers: 2 } };
  const model = buildModel(parseModelConfig({ ...ONE_PIXEL, recurrent }, "test"), INPUT, 0);
  const module = new BatchModule(model, randomBatches(INPUT, { batchSize: 6, count: 2 }));
  const unseen = ["recurrent.rnn.weight_hh_l1", "readouts.0.mean"].map((name) => model.variable(name));
  const before = unseen.map((variable) => [...variable.dataSync()]);
  const optimizer = { lr: 0.1, weightDecay: 0 };
  const run = await new Trainer({ dir, name: type, maxEpochs: 1, optimizer }).fit(module);
  expect(run.stopped).toBe("completed");
  // Weights without influence on a single frame and pixel have the gradient 0, as in PyTorch.
  expect(unseen.map((variable) => [...variable.dataSync()])).toEqual(before);
  module.dispose();
});

test("rejects a spike history whose activation doubles its values, before TensorFlow fails", () => {
  const history_encoder = { type: "mlp", params: { act_type: "splitrelu", output_activation: true } };
  const parsed = parseModelConfig({ ...SMALL, model_type: "v1multi_history", history_encoder }, "test");
  expect(() => buildModel(parsed, INPUT, 0, "model.yaml")).toThrow(
    'model.yaml: history_encoder.params.output_activation: "splitrelu" makes 6 values of 3 units; use another act_type, or false',
  );
});
