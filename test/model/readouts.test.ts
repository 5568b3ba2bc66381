import { expect, test } from "vitest";
import { StatelessRng, tf } from "../../lib/engine";
import { poissonLoss } from "../../lib/losses/counts";
import { buildModel, type Model, type ModelInput } from "../../lib/model";
import { planSpread } from "../../lib/model/readout/spread";
import { AllUnits } from "../../lib/model/unit-columns";
import { INPUT, small } from "./configs";

const stim = () =>
  tf.randomUniform([4, INPUT.lags, INPUT.height, INPUT.width, 1], -0.5, 0.5, "float32", 3) as tf.Tensor5D;
const rates = (model: Model) =>
  tf.tidy(() => model.forward({ stim: stim() }, { training: false }).arraySync() as number[][]);
const failure = (params: object, input: ModelInput = INPUT) => {
  try {
    buildModel(small({ readout: { type: "gaussian", params } }), input, 1, "small.yaml").dispose();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("one network predicts the positions of all sessions' units from their coordinates", () => {
  const readout = { type: "gaussian", params: { mean_predictor: { hidden_dims: [5] } } };
  const unitCoordinates = [
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [-1, 2],
    ],
  ];
  const model = buildModel(small({ readout }), { ...INPUT, unitCoordinates }, 1);
  const names = model.parameters.map(({ name }) => name);
  expect(names.filter((name) => name.endsWith(".mean"))).toEqual([]);
  const network = model.parameters.filter(({ name }) => name.startsWith("readouts.position.layers"));
  expect(network).toHaveLength(4);
  expect(network.every(({ group, dataset }) => group === "head" && dataset === undefined)).toBe(true);
  const places = model.readoutPositions().map(({ y, x }) => [y, x]);
  expect(places[3]).toEqual(places[1]);
  expect(places[4]).not.toEqual(places[1]);
  for (const place of places.flat()) {
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThanOrEqual(model.plan.core.height - 1);
  }
  model.dispose();
});

test("units of a group share their features, even across sessions", () => {
  const readout = { type: "gaussian", params: { shared_features: true, initial_std: 1.5 } };
  const unitGroups = [
    [0, 1, 0],
    [1, 2],
  ];
  const model = buildModel(small({ readout }), { ...INPUT, unitGroups }, 1);
  expect(model.variable("readouts.shared.features.weight").shape).toEqual([3, 3]);
  // Initially, units have the same position, width and bias, so units of a group have the same rates.
  for (const row of rates(model)) {
    expect(row[2]).toBeCloseTo(row[0]!, 6);
    expect(row[3]).toBeCloseTo(row[1]!, 6);
    expect(Math.abs(row[4]! - row[0]!)).toBeGreaterThan(1e-6);
  }
  model.dispose();
});

test("requires the unit data that a readout needs", () => {
  expect(failure({ shared_features: true })).toBe(
    "small.yaml: readout.params.shared_features: needs the group of each unit: `unit_groups` in the session files, or `unitGroups` of buildModel; add them, or set shared_features: false",
  );
  expect(failure({ mean_predictor: {} })).toBe(
    "small.yaml: readout.params.mean_predictor: needs the position of each unit: `unit_coordinates` in the session files, or `unitCoordinates` of buildModel; add them, or leave mean_predictor out",
  );
  expect(failure({ mean_predictor: {} }, { ...INPUT, unitCoordinates: [[[1]], [[1]]] })).toBe(
    "small.yaml: readout.params.mean_predictor: unitCoordinates are for [1,1] units, but the sessions have [3,2]; give one entry for each unit",
  );
  const linear = small({ readout: { type: "linear" }, shifter: { type: "mlp" } });
  expect(() => buildModel(linear, INPUT, 1, "small.yaml")).toThrow(
    'small.yaml: shifter.type: "mlp" shifts positions, but the readout "linear" has none; use gaussian or gaussian2d, or shifter type none',
  );
});

test("a sampled position needs the step's random numbers, and its width is learned from them", () => {
  const readout = { type: "gaussian2d", params: { initial_std: 0.5 } };
  const model = buildModel(small({ readout }), INPUT, 1);
  expect(() => tf.tidy(() => model.forward({ stim: stim() }, { training: true }))).toThrow(
    "readout.params needs random numbers in training",
  );
  const asked: string[] = [];
  const draws = {
    normal: (shape: number[], layer: string) => {
      asked.push(`${layer} ${shape}`);
      return tf.randomNormal(shape, 0, 1, "float32", 5);
    },
    uniform: () => tf.zeros([]),
  };
  tf.tidy(() => {
    const std = model.variable("readouts.0.std");
    const { grads } = tf.variableGrads(() => {
      const rate = model.forward({ stim: stim() }, { training: true, draws });
      const [robs, mask] = [tf.zerosLike(rate), tf.onesLike(rate)];
      return poissonLoss({ rate, robs, mask, unitDataset: model.unitDataset }, { logRate: false }).loss;
    }, [std]);
    expect(grads[std.name]!.dataSync().some((g) => g !== 0)).toBe(true);
  });
  expect(asked).toEqual(["readout.params 4,5,2"]);
  model.dispose();
});

test("a full covariance turns noise into correlated distances; without it, the axes are independent", () => {
  const units = [1, 2];
  const noise = tf.tensor3d([[[1, 0], [0, 1], [2, -1]]]); // biome-ignore format: one unit a pair
  const weights: Record<string, tf.Tensor> = {
    "0.std": tf.tensor2d([[2, 3]]),
    "1.std": tf.tensor2d([[1, 1], [0.5, 4]]), // biome-ignore format: one unit a pair
    "0.cross": tf.tensor2d([[5]]),
    "1.cross": tf.tensor2d([[7], [-1]]),
  };
  const distances = (covariance: "diagonal" | "full") => {
    const spread = planSpread({ initial_std: 1, covariance }, units);
    return spread.distances(noise, new AllUnits(units), (name) => weights[name] as tf.Variable).arraySync();
  };
  expect(distances("diagonal")).toEqual([[[2, 0], [0, 1], [1, -4]]]); // biome-ignore format: one unit a pair
  expect(distances("full")).toEqual([[[2, 5], [0, 1], [1, -6]]]); // biome-ignore format: one unit a pair
  const { weights: isotropic } = planSpread({ initial_std: 1, covariance: "isotropic" }, units);
  expect(isotropic.map(({ name, shape }) => [name, shape])).toEqual([
    ["0.std", [1, 1]],
    ["1.std", [2, 1]],
  ]);
});

test.each(["isotropic", "full"])(
  "gaussian2d with a covariance of type %s trains its widths",
  (covariance) => {
    const model = buildModel(small({ readout: { type: "gaussian2d", params: { covariance } } }), INPUT, 1);
    const batch = { stim: stim(), dataset: tf.tensor1d([0, 1, 0, 1], "int32") };
    const trained = model.parameters.filter(({ name }) => /\.(std|cross)$/.test(name));
    expect(trained.length).toBe(covariance === "full" ? 4 : 2);
    const { grads } = tf.variableGrads(
      () =>
        tf.sum(
          model.forward(batch, { training: true, rng: new StatelessRng(3, tf.scalar(0, "int32")) }),
        ) as tf.Scalar,
      trained.map(({ variable }) => variable),
    );
    for (const gradient of Object.values(grads))
      expect(gradient.abs().sum().dataSync()[0]).toBeGreaterThan(0);
    model.dispose();
  },
);

test("a scale multiplies the features of its unit", () => {
  const readout = { type: "gaussian", params: { scale: true, bias: false } };
  const model = buildModel(small({ readout, output_activation: "none" }), INPUT, 1);
  const before = rates(model);
  model.variable("readouts.0.features.scale").assign(tf.tensor1d([1, 3, 1]));
  const after = rates(model);
  for (const [b, row] of after.entries()) {
    expect(row[1]).toBeCloseTo(3 * before[b]![1]!, 5);
    expect([row[0], row[2]]).toEqual([before[b]![0], before[b]![2]]);
  }
  model.dispose();
});
