import { describe, expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { poissonLoss, zeroInflatedPoissonLoss } from "../../lib/losses/counts";
import { buildModel, type Model, type ModelBatch, type ModelInput, parseModelConfig } from "../../lib/model";
import { sessionOrder } from "../../lib/model/unit-columns";
import { SMALL } from "./configs";

const UNITS = [3, 1, 4];
const INPUT: ModelInput = { lags: 6, height: 13, width: 12, units: UNITS };
const MOST = 4;
const LAGS = 2;
/** The last sample is padding. */
const DATASET = [2, 0, 2, 1, 0, 2, -1];
const FIRST = [0, 3, 4];
const TOTAL = 8;

const random = (shape: number[], seed: number, least = 0, most = 1) =>
  tf.randomUniform(shape, least, most, "float32", seed);

/** Returns a `[columns, N]` matrix for each sample that brings its own units to their places among all units. */
function places(): tf.Tensor3D {
  const values = DATASET.map((session) =>
    Array.from({ length: MOST }, (_, unit) =>
      Array.from({ length: TOTAL }, (_, n) =>
        Number(session >= 0 && unit < UNITS[session]! && n === FIRST[session]! + unit),
      ),
    ),
  );
  return tf.tensor3d(values);
}

/** Returns the inputs of a batch, and the counts and masks of each sample's own units. */
function batchOf() {
  const { lags, height, width } = INPUT;
  const B = DATASET.length;
  const all = places();
  const own = tf.sum(all, 2) as tf.Tensor2D;
  return {
    batch: {
      stim: random([B, lags, height, width, 1], 1, -0.5, 0.5) as tf.Tensor5D,
      eyepos: random([B, 2], 2, -1, 1) as tf.Tensor2D,
      dataset: tf.tensor1d(DATASET, "int32"),
      history: tf.mul(tf.round(random([B, LAGS, MOST], 3, 0, 2)), tf.expandDims(own, 1)) as tf.Tensor3D,
    },
    robs: tf.mul(tf.round(random([B, MOST], 4, 0, 2)), own) as tf.Tensor2D,
    mask: tf.mul(tf.cast(tf.less(random([B, MOST], 5), 0.8), "float32"), own) as tf.Tensor2D,
    all,
  };
}

/** Moves weights away from first values, at which sessions and units are alike. */
function disturb(model: Model): void {
  for (const { name, variable } of model.parameters)
    if (/^(shifters|baselines|zero)|std$|mean$|theta$|spatial$|bias$/.test(name))
      tf.tidy(() => variable.assign(random(variable.shape, name.length + variable.size, 0.3, 1.5) as never));
}

/** Computes the loss and its gradients with the rates of all units, and with those of each sample's own units. */
async function compare(model: Model, rng?: { normal(shape: number[]): tf.Tensor }): Promise<void> {
  const { batch, robs, mask, all } = batchOf();
  const mode = rng ? { training: true, rng: { ...rng, uniform: rng.normal } } : { training: false };
  const { logRate, unitDataset } = model;
  const variables = model.parameters.map(({ variable }) => variable);
  const toAll = (x: tf.Tensor) => tf.squeeze(tf.matMul(tf.expandDims(x, 1), all), [1]) as tf.Tensor2D;
  const lossOf = {
    all: () => {
      const given: ModelBatch = { ...batch, history: tf.matMul(batch.history, all) };
      const {
        rate,
        parameters: { silent },
      } = model.outputs(given, mode);
      const inputs = { rate, robs: toAll(robs), mask: toAll(mask), unitDataset };
      return silent ? zeroInflatedPoissonLoss({ ...inputs, pi: silent }) : poissonLoss(inputs, { logRate });
    },
    own: () => {
      const {
        rate,
        parameters: { silent },
      } = model.ownOutputs(batch, mode);
      const inputs = { rate, robs, mask, dataset: batch.dataset, sessions: UNITS.length };
      return silent ? zeroInflatedPoissonLoss({ ...inputs, pi: silent }) : poissonLoss(inputs, { logRate });
    },
  };
  const results = async (units: keyof typeof lossOf, compiled: boolean) => {
    const step = compile(
      () => {
        const found = tf.variableGrads(() => lossOf[units]().loss, variables);
        const { loss, datasetLoss, present, weight } = lossOf[units]();
        return { loss, datasetLoss, present, weight, ...found.grads };
      },
      { compile: compiled },
    );
    const found = (await step()) as Record<string, tf.Tensor>;
    const values = Object.entries(found).map(([name, x]) => [name, Array.from(x.dataSync())] as const);
    tf.dispose(found);
    step.dispose();
    return new Map(values);
  };
  const expected = await results("all", false);
  for (const compiled of [false, true]) {
    const found = await results("own", compiled);
    for (const [name, values] of expected) {
      const largest = Math.max(1, ...values.map(Math.abs));
      const off = found.get(name)!.map((value, i) => Math.abs(value - values[i]!) / largest);
      expect(Math.max(...off), `${compiled ? "compiled" : "op by op"}: ${name}`).toBeLessThan(1e-6);
    }
  }
  tf.dispose([batch, robs, mask, all]);
}

const READOUTS = {
  linear: { type: "linear" },
  factorized: { type: "factorized" },
  gaussian: { type: "gaussian", params: { initial_std: 1.5 } },
  gaussian2d: { type: "gaussian2d", params: { initial_std: 0.5, initial_mean_scale: 0.5 } },
};
const SESSION_STAGES = [
  {},
  { readout: { type: "linear", params: {} } },
  { readout: { type: "gaussian", params: {} } },
];

describe("the loss and the gradients of each sample's own units equal those of all units, masked", () => {
  for (const [name, readout] of Object.entries(READOUTS)) {
    test(name, async () => {
      const model = buildModel(parseModelConfig({ ...SMALL, readout }, "test"), INPUT, 2);
      disturb(model);
      await compare(model);
      model.dispose();
    });
  }

  test("shifter, spike history, baseline and zero inflation", async () => {
    const config = {
      ...SMALL,
      model_type: "v1multi_history",
      history_encoder: { type: "mlp", params: { num_lags: LAGS, hidden_dims: [4], act_type: "tanh" } },
      shifter: { type: "mlp", params: { hidden_dim: 4, max_shift: 2 } },
      baseline: { enabled: true },
      loss: "zero_inflated_poisson",
    };
    for (const readout of [READOUTS.gaussian, READOUTS.gaussian2d]) {
      const model = buildModel(parseModelConfig({ ...config, readout }, "test"), INPUT, 2);
      disturb(model);
      await compare(model);
      model.dispose();
    }
  });

  test("sessions with different readouts and adapters", async () => {
    const adapter = { type: "adapter", params: { grid_size: 11 } };
    const config = parseModelConfig({ ...SMALL, adapter, readout: READOUTS.gaussian2d }, "test");
    const model = buildModel(config, { ...INPUT, sessionStages: SESSION_STAGES }, 2);
    disturb(model);
    await compare(model);
    model.dispose();
  });

  test("one random position for the whole batch", async () => {
    const readout = { type: "gaussian2d", params: { initial_std: 0.5, batch_sample: false } };
    const model = buildModel(parseModelConfig({ ...SMALL, readout }, "test"), INPUT, 2);
    await compare(model, { normal: (shape) => random(shape, 6, -1, 1) });
    model.dispose();
  });
});

test("the rates of a sample's own units are those of forward, in the order of the batch", () => {
  const model = buildModel(parseModelConfig({ ...SMALL, readout: READOUTS.gaussian2d }, "test"), INPUT, 2);
  disturb(model);
  tf.tidy(() => {
    const { batch } = batchOf();
    const all = model.forward(batch, { training: false }).arraySync() as number[][];
    const own = model.ownOutputs(batch, { training: false }).rate.arraySync() as number[][];
    DATASET.slice(0, -1).forEach((session, b) => {
      const units = all[b]!.slice(FIRST[session], FIRST[session]! + UNITS[session]!);
      units.forEach((rate, u) => {
        expect(own[b]![u]).toBeCloseTo(rate, 6);
      });
    });
    expect(own.flat().every(Number.isFinite)).toBe(true);
  });
  model.dispose();
});

test("spreads padding samples over the sessions, so that none has many more samples than the others", () => {
  const dataset = tf.tensor1d([1, 1, -1, -1, -1, -1], "int32");
  const { sizes, session } = tf.tidy(() => {
    const order = sessionOrder(dataset, 3);
    return { sizes: order.sizes, session: order.session };
  });
  expect(Array.from(sizes.dataSync())).toEqual([1, 3, 2]);
  expect(Array.from(session.dataSync())).toEqual([0, 1, 1, 1, 2, 2]);
  tf.dispose([dataset, sizes, session]);
});
