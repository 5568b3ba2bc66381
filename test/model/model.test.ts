import { afterEach, beforeEach, expect, test } from "vitest";
import { compile, memory, tf } from "../../lib/engine";
import { poissonLoss } from "../../lib/losses/counts";
import { buildModel, type Model } from "../../lib/model";
import { initReadoutBias } from "../../lib/model/bias";
import { AdamW } from "../../lib/trainer/optim/adam";
import { INPUT, small } from "./configs";

let before: number;
beforeEach(() => {
  before = memory().tensors;
});
afterEach(() => {
  expect(memory().tensors, "tensors left over").toBe(before);
});

const stimulus = (batch: number) =>
  tf.randomUniform([batch, INPUT.lags, INPUT.height, INPUT.width, 1], -0.5, 0.5, "float32", 3) as tf.Tensor5D;
const valuesOf = (model: Model) => model.parameters.map(({ variable }) => Array.from(variable.dataSync()));

test("the same seed gives the same weights, and another seed different ones", () => {
  const models = [1, 1, 2].map((seed) => buildModel(small(), INPUT, seed));
  const [a, b, c] = models.map(valuesOf);
  expect(a).toEqual(b);
  expect(a).not.toEqual(c);
  for (const model of models) model.dispose();
});

test("adding a session keeps the initial weights of all others", () => {
  const one = buildModel(small(), { ...INPUT, units: [3] }, 1);
  const two = buildModel(small(), INPUT, 1);
  for (const { name, variable } of one.parameters)
    expect(Array.from(two.variable(name).dataSync()), name).toEqual(Array.from(variable.dataSync()));
  one.dispose();
  two.dispose();
});

test("parameters state their group, their session and their weight decay", () => {
  const model = buildModel(small({ baseline: { enabled: true } }), INPUT, 1);
  const rows = model.parameters.map(({ name, group, decay, dataset }) =>
    [name, group, decay ? "decay" : "-", dataset ?? "all"].join(" "),
  );
  expect(rows).toEqual([
    "frontend.temporal_conv.weight core decay all",
    "convnet.layers.0.main.conv.weight core decay all",
    "convnet.layers.0.main.norm.gamma core - all",
    "convnet.layers.0.main.norm.beta core - all",
    "convnet.layers.0.shortcut.weight core decay all",
    ...["update_gate", "reset_gate", "out_gate"].flatMap((gate) => [
      `recurrent.cells.0.${gate}.weight core decay all`,
      `recurrent.cells.0.${gate}.bias core - all`,
    ]),
    ...[0, 1].flatMap((d) => [
      `readouts.${d}.features.weight head decay ${d}`,
      `readouts.${d}.mean head - ${d}`,
      `readouts.${d}.std head - ${d}`,
      `readouts.${d}.theta head - ${d}`,
      `readouts.${d}.bias head - ${d}`,
    ]),
    "baselines.0 head - 0",
    "baselines.1 head - 1",
  ]);
  expect(Array.from(model.unitDataset)).toEqual([0, 0, 0, 1, 1]);
  model.dispose();
});

test("the rate of a unit does not depend on the other sessions of the batch", () => {
  const [one, two] = [[3], [3, 2]].map((units) => buildModel(small(), { ...INPUT, units }, 1));
  const x = stimulus(4);
  const [alone, together] = [one!, two!].map((model) => model.forward({ stim: x }, { training: false }));
  expect(together!.shape).toEqual([4, 5]);
  const rows = alone!.arraySync();
  together!.arraySync().forEach((row, i) => {
    for (const [unit, rate] of row.slice(0, 3).entries()) expect(rate).toBeCloseTo(rows[i]![unit]!, 5);
  });
  tf.dispose([x, alone!, together!]);
  one!.dispose();
  two!.dispose();
});

test("the model reads only the newest frames: older frames do not change its output", () => {
  const model = buildModel(small(), INPUT, 1);
  const x = stimulus(1);
  const kernel = tf.tidy(() => {
    const grad = tf.grad((stim) => tf.sum(model.forward({ stim: stim as tf.Tensor5D }, { training: false })))(
      x,
    );
    return tf.sum(tf.abs(grad), [0, 2, 3, 4]);
  });
  expect(Array.from(kernel.dataSync()).every((sensitivity) => sensitivity > 0)).toBe(true);
  tf.dispose([x, kernel]);
  model.dispose();
});

test("initial readout positions are at the centre of the unit's receptive field", () => {
  // Linear and positive, so that the gradient's centre of mass is the receptive field's centre.
  const linear = { kernel_size: [1, 3, 3], stride: [1, 2, 2] };
  const convnet = {
    type: "cnn",
    params: {
      channels: [1, 1],
      block_configs: [
        { conv_params: linear, norm_type: "none", act_type: "none" },
        {
          conv_params: { kernel_size: [1, 2, 2], padding: [0, 1, 0] },
          norm_type: "none",
          act_type: "none",
          pool_params: { type: "avg", kernel_size: [1, 2, 1] },
        },
      ],
    },
  };
  const frontend = {
    type: "learnable_temporal",
    params: { kernel_size: 6, num_channels: 1, init_type: "identity" },
  };
  const model = buildModel(
    small({ frontend, convnet, recurrent: { type: "none" }, output_activation: "none" }),
    { lags: 6, height: 25, width: 22, units: [1] },
    1,
  );
  for (const { name, variable } of model.parameters) {
    if (name.startsWith("convnet") || name.includes("features"))
      tf.tidy(() => variable.assign(tf.ones(variable.shape)));
    if (name.endsWith(".std")) tf.tidy(() => variable.assign(tf.fill(variable.shape, 0.05)));
  }
  const { height, width } = model.plan.core;
  // An integer pixel of the core's output, away from its edge.
  const [y, x] = [2, 3];
  tf.tidy(() =>
    model.variable("readouts.0.mean").assign(tf.tensor2d([[y - (height - 1) / 2, x - (width - 1) / 2]])),
  );
  const [position] = model.readoutPositions();
  expect([position!.y, position!.x]).toEqual([y, x]);

  const field = tf.tidy(() => {
    const stim = tf.zeros([1, 6, 25, 22, 1]) as tf.Tensor5D;
    const rate = (s: tf.Tensor) => tf.sum(model.forward({ stim: s as tf.Tensor5D }, { training: false }));
    return tf.reshape(
      tf.slice(tf.grad(rate)(stim), [0, 5, 0, 0, 0], [1, 1, 25, 22, 1]),
      [25, 22],
    ) as tf.Tensor2D;
  });
  const values = field.arraySync();
  const total = values.flat().reduce((a, b) => a + b, 0);
  const centre = (weight: (row: number, column: number) => number) =>
    values.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * weight(i, j), 0), 0) / total;
  expect(position!.stimulusY).toBeCloseTo(
    centre((row) => row),
    3,
  );
  expect(position!.stimulusX).toBeCloseTo(
    centre((_, column) => column),
    3,
  );
  field.dispose();
  model.dispose();
});

test("every unit starts at its mean rate when its features are zero", () => {
  for (const output_activation of ["softplus", "relu", "none"]) {
    const model = buildModel(small({ output_activation }), INPUT, 1);
    for (const { name, variable } of model.parameters)
      if (name.includes("features")) tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    const rates = [0.05, 0.5, 2, 0.3, 40];
    initReadoutBias(model, rates);
    const x = stimulus(1);
    const found = tf.tidy(() => {
      const rate = model.forward({ stim: x }, { training: false });
      return model.logRate ? tf.exp(rate) : rate;
    });
    for (const [i, rate] of found.dataSync().entries()) expect(rate / rates[i]!).toBeCloseTo(1, 4);
    tf.dispose([x, found]);
    model.dispose();
  }
  const model = buildModel(small(), INPUT, 1);
  initReadoutBias(model, [0, 0, 0, 0, 0]);
  expect(model.parameters.every(({ variable }) => variable.dataSync().every(Number.isFinite))).toBe(true);
  expect(() => initReadoutBias(model, [1])).toThrow("1 rates for 5 units");
  model.dispose();
});

test("shows temporal kernels with their gain applied, and a fixed gain is not a parameter", () => {
  const params = {
    kernel_size: 5,
    num_channels: 3,
    aa_signal: true,
    use_weight_norm: true,
    keep_unit_norm: true,
  };
  const model = buildModel(small({ frontend: { type: "learnable_temporal", params } }), INPUT, 1);
  const kernels = model.temporalKernels();
  expect(kernels.map((series) => series.length)).toEqual([5, 5, 5]);
  // A Hann window is 0 at both ends.
  for (const series of kernels) expect(Math.abs(series[0]!) + Math.abs(series[4]!)).toBe(0);
  expect(model.state.map(({ name }) => name)).toEqual(["frontend.temporal_conv.weight_g"]);
  model.dispose();
});

test("training fits rates, and does not change the parameters of an absent session", async () => {
  const run = async (compiled: boolean) => {
    const model = buildModel(small(), INPUT, 5);
    const optimizer = new AdamW(model.parameters, { weightDecay: 0.01, gradientClipVal: 1 });
    const variables = model.parameters.map(({ variable }) => variable);
    const step = compile(
      (stim: tf.Tensor5D, robs: tf.Tensor2D, mask: tf.Tensor2D, lr: tf.Scalar) => {
        const batch = { robs, mask, unitDataset: model.unitDataset };
        const losses = () =>
          poissonLoss({ rate: model.forward({ stim }, { training: true }), ...batch }, { logRate: false });
        const { grads, value } = tf.variableGrads(() => losses().loss, variables);
        const { present } = losses();
        optimizer.update({ grads, lr, present });
        return value;
      },
      { compile: compiled },
    );
    const x = stimulus(8);
    const rows = (row: number[]) => tf.tensor2d(Array.from({ length: 8 }, () => row));
    const robs = rows([0.1, 2, 0.4, 1, 3]);
    const mask = rows([1, 1, 1, 0, 0]);
    const ofSecond = () =>
      model.parameters.filter((p) => p.dataset === 1).map(({ variable }) => Array.from(variable.dataSync()));
    const start = ofSecond();
    const losses: number[] = [];
    for (let i = 0; i < 40; i++) {
      const loss = await step(x, robs, mask, 0.02);
      losses.push(loss.dataSync()[0]!);
      loss.dispose();
    }
    expect(ofSecond()).toEqual(start);
    const taken = optimizer.state.find(({ name }) => name === "step")!.variable.dataSync();
    expect(Array.from(taken)).toEqual(model.parameters.map((p) => (p.dataset === 1 ? 0 : 40)));
    tf.dispose([x, robs, mask]);
    step.dispose();
    optimizer.dispose();
    model.dispose();
    return losses;
  };
  const compiled = await run(true);
  expect(compiled.at(-1)!).toBeLessThan(compiled[0]! - 0.1);
  const eager = await run(false);
  for (const i of [0, 1, 5, 39]) expect(Math.abs(compiled[i]! - eager[i]!), `step ${i}`).toBeLessThan(1e-4);
});
