import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import {
  channelEffects,
  channelEffectsFigure,
  contrastTuning,
  gratingTuning,
  mostExcitingInputs,
  naturalWindows,
  observe,
  presentWindows,
  receptiveFields,
  sizeTuning,
  tuningFigure,
} from "../../lib/insilico";
import { buildModel, type ModelInput, parseModelConfig } from "../../lib/model";
import { type MovieParts, Twin, type TwinView } from "../../lib/twin";

const CNN = {
  type: "cnn",
  params: { channels: [4], block_configs: [{ conv_params: { kernel_size: [1, 5, 5] }, act_type: "relu" }] },
};
const GAUSSIAN = { type: "gaussian", params: { bias: true } };
const HISTORY = { num_lags: 2, hidden_dims: [4], act_type: "relu", spectral_norm: false };
const VIEW: TwinView = {
  height: 9,
  width: 13,
  channels: 1,
  lags: [2, 1, 0],
  samplingRate: 60,
  pixelsPerDegree: 4,
};

interface Kind {
  readonly model: object;
  readonly input?: Partial<ModelInput>;
  readonly view?: Partial<TwinView>;
  readonly behaviorLags?: readonly number[];
}

/** Makes an untrained twin of two sessions with two units each. */
function twinOf({ model, input = {}, view = {}, behaviorLags = [0] }: Kind): Twin {
  const seen = { ...VIEW, ...view };
  const { height, width, channels, lags } = seen;
  const sizes = { lags: lags.length, height, width, channels, units: [2, 2], ...input };
  const built = buildModel(parseModelConfig({ readout: GAUSSIAN, ...model }, "model.yaml"), sizes, 1);
  const sessions = ["ada_1", "bo_2"].map((name) => ({ name, cids: [4, 7] }));
  return new Twin("twin.safetensors", built, sessions, seen, { behaviorLags });
}

const KINDS: Record<string, Kind> = {
  "non-square frames": { model: { convnet: CNN } },
  "static images": { model: { convnet: CNN }, view: { lags: [0] } },
  "adapters of sessions": {
    model: { adapter: { type: "adapter", params: { grid_size: 9, transform: "scale" } }, convnet: CNN },
  },
  "a modulator": {
    model: { convnet: CNN, modulator: { type: "film", params: {} } },
    input: { behaviors: 3 },
  },
  "a spike history": {
    model: { model_type: "v1multi_history", convnet: CNN, history_encoder: { type: "mlp", params: HISTORY } },
  },
  "a temporal basis": {
    model: {
      frontend: { type: "temporal_basis", params: { num_delta_funcs: 1, num_cosine_funcs: 2 } },
      convnet: CNN,
    },
    view: { lags: [7, 6, 5, 4, 3, 2, 1, 0] },
  },
  "responses that are no counts": { model: { convnet: CNN, loss: "mse", output_activation: "identity" } },
  "a recurrent layer": {
    model: { convnet: CNN, recurrent: { type: "convgru", params: { hidden_dim: 3, kernel_size: 3 } } },
  },
};

test.each(Object.entries(KINDS))("all experiments run on a model with %s", async (_, kind) => {
  const twin = twinOf(kind);
  const observer = observe(twin);
  expect(observer.units).toEqual(["ada_1 4", "ada_1 7", "bo_2 4", "bo_2 7"]);
  const few = { directions: 4, phases: 4, spatialFrequencies: [0.5, 1, 2] };
  const tuning = await gratingTuning(observer, few);
  const fields = await receptiveFields(observer, naturalWindows(twin.view, 2));
  const contrast = await contrastTuning(observer, tuning, [0.5, 1]);
  const size = await sizeTuning(observer, tuning, fields.centres, [1, 2]);
  const [input] = await mostExcitingInputs(observer, { steps: 3, seeds: 1 });
  const effects = await channelEffects(twin, "convnet", naturalWindows(twin.view, 2), { session: "bo_2" });
  const numbers = [
    ...tuning.flatMap(({ peak, orientation, spatialFrequency }) => [peak, orientation, spatialFrequency]),
    ...fields.energy,
    ...contrast.flatMap(({ curve }) => curve.responses),
    ...size.map(({ suppression }) => suppression),
    ...input!.rates,
    ...effects.values,
  ];
  expect(numbers.every(Number.isFinite)).toBe(true);
  expect(Math.max(...fields.energy)).toBeGreaterThan(0);
  expect(effects.values.length).toBe(4 * 2);
  expect(effects.values.some((effect) => Math.abs(effect) > 1e-4)).toBe(true);
  // An input drives its unit more than a blank screen does.
  const blank = await presentWindows(observer, {
    count: 1,
    values: new Float32Array(twin.view.height * twin.view.width),
  });
  expect(input!.rate).toBeGreaterThan(blank[0]!);
  expect(tuningFigure(tuning, undefined, { contrast, size }).svg()).toMatch(/^<svg/);
  expect(channelEffectsFigure(effects).svg()).toMatch(/^<svg/);
  twin.dispose();
});

test("rejects experiments on a model with colours", () => {
  const twin = twinOf({ model: { convnet: CNN }, view: { channels: 3 } });
  expect(() => observe(twin)).toThrow(
    "twin.safetensors: initial_input_channels: is 3, but the experiments show grey stimuli; they need a model with one channel",
  );
});

test("draws stimuli as the recordings' transforms show them, and rejects transforms that mix pixels", async () => {
  const scaled = (factor: number, offset: number) => {
    return ({ shape, read }: MovieParts) => ({
      shape,
      values: Float32Array.from(read(0, shape[0]!), (level) => factor * level + offset),
    });
  };
  const model = { convnet: CNN };
  const windows = naturalWindows(VIEW, 2);
  const { grey, full } = { grey: 0.5 + 127 / 64, full: 127 / 64 };
  const twin = twinOf({ model, view: { transform: scaled(1 / 64, 0.5) } });
  const found = await presentWindows(observe(twin), windows);
  const direct = tf.tidy(() => {
    const contrast = tf.tensor(windows.values, [2, 3, 9, 13, 1]) as tf.Tensor5D;
    const stim = tf.add(tf.mul(contrast, full), grey) as tf.Tensor5D;
    return twin.rates({ stim, dataset: tf.zeros([2], "int32") }).dataSync();
  });
  for (const [i, rate] of found.entries()) expect(rate).toBeCloseTo(direct[i]!, 4);
  const mixing = ({ shape, read }: MovieParts) => {
    const levels = read(0, shape[0]!);
    return { shape, values: Float32Array.from(levels, (level, i) => level - (levels[i - 1] ?? 0)) };
  };
  expect(() => observe(twinOf({ model, view: { transform: mixing } }))).toThrow(
    "twin.safetensors: transforms.stim: of the recordings' movies do not only scale and shift each pixel, so experiments cannot draw stimuli as the model sees them",
  );
});
