import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { poissonLoss } from "../../lib/losses/counts";
import { buildModel, type Model, type ModelInput } from "../../lib/model";
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
    "small.yaml: readout.params.shared_features: needs unitGroups: the group of each unit of each session",
  );
  expect(failure({ mean_predictor: {} })).toMatch(/mean_predictor: needs unitCoordinates/);
  expect(failure({ mean_predictor: {} }, { ...INPUT, unitCoordinates: [[[1]], [[1]]] })).toMatch(
    /unitCoordinates are for \[1,1\] units, but the sessions have \[3,2\]/,
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
