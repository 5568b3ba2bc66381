import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile, tf } from "../../../lib/engine";
import { buildModel, parseModelConfig } from "../../../lib/model";
import { regularizers } from "../../../lib/model/regularizers";
import type { Penalty, WeightFrame } from "../../../lib/model/regularizers/regularizer";

interface Case {
  readonly type: string;
  readonly params: object;
  readonly shape: number[];
  readonly frame?: WeightFrame;
  readonly weight: number[];
  readonly penalty: number;
  readonly gradient: number[];
}

/** Written by `reference/penalties.py` with PyTorch. */
const CASES: Case[] = JSON.parse(readFileSync(join(__dirname, "reference/penalties.json"), "utf8"));

test.each(CASES)("$type $params of a weight [$shape] has PyTorch's value and gradient", async (one) => {
  const { type, params, shape, frame, weight, penalty, gradient } = one;
  const made = regularizers[type]!.make(params, { where: "test", path: "" }) as Penalty;
  const step = compile((w: tf.Tensor) => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => made.of(x, frame))(w);
    return [value, grad];
  });
  const [value, grad] = (await step(tf.tensor(weight, shape))) as [tf.Tensor, tf.Tensor];
  expect(value.dataSync()[0]! / penalty).toBeCloseTo(1, 5);
  const largest = Math.max(...gradient.map(Math.abs));
  const worst = Math.max(...gradient.map((wanted, i) => Math.abs(grad.dataSync()[i]! - wanted)));
  expect(worst / largest).toBeLessThan(1e-5);
  step.dispose();
});

/** A model with one convolution and factorized readouts. */
function modelWith(regularization: object[]) {
  const block = { conv_params: { kernel_size: [2, 5, 5], padding: [0, 2, 2] } };
  const config = {
    convnet: { type: "cnn", params: { channels: [3], block_configs: [block] } },
    readout: { type: "factorized" },
    regularization,
  };
  const input = { lags: 4, height: 9, width: 7, units: [2, 3] };
  return buildModel(parseModelConfig(config, "model.yaml"), input, 0, "model.yaml");
}

test("applies laplacian to kernels and to the masks of factorized readouts", () => {
  const entry = { type: "laplacian", lambda: 2 };
  const model = modelWith([
    { ...entry, apply_to: ["convnet/conv.weight"] },
    { ...entry, params: { normalize: true }, apply_to: ["readouts/spatial"] },
  ]);
  const value = tf.tidy(() => model.regularization.penalty([tf.scalar(2), tf.scalar(2)]).dataSync()[0]!);
  // Masks start at 1/63 everywhere, so the Laplace operator is nonzero only at the border: 1/63 on an edge, 2/63 in a corner.
  const edges = 2 * (7 + 5);
  const normalised = (4 * 4 + edges) / 63;
  const { values } = model.spatialKernels()[0]!;
  const at = (t: number, y: number, x: number, o: number) =>
    y < 0 || x < 0 || y > 4 || x > 4 ? 0 : values[((t * 5 + y) * 5 + x) * 3 + o]!;
  let rough = 0;
  for (const t of [0, 1])
    for (const o of [0, 1, 2])
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 5; x++)
          rough +=
            (4 * at(t, y, x, o) -
              at(t, y - 1, x, o) -
              at(t, y + 1, x, o) -
              at(t, y, x - 1, o) -
              at(t, y, x + 1, o)) **
            2;
  expect(value).toBeCloseTo(2 * (rough / 2) + 2 * 2 * normalised, 3);
  model.dispose();
});

test("refuses weights without space, and options that are not allowed", () => {
  const entry = { type: "laplacian", lambda: 1, apply_to: ["readouts/features"] };
  expect(() => modelWith([entry])).toThrow(
    "model.yaml:\n  - regularization.0.apply_to: selects readouts.0.features.weight of shape [3,2], which has no axes of space; laplacian applies to convolution kernels and to the masks of the factorized readout\n  - regularization.0.apply_to: selects readouts.1.features.weight of shape [3,3], which has no axes of space; laplacian applies to convolution kernels and to the masks of the factorized readout",
  );
  expect(() => modelWith([{ ...entry, params: { filter_size: 4 } }])).toThrow(
    'model.yaml: regularization.0.params.filter_size: "4" is not one of: 3, 5, 7 (did you mean "3"?)',
  );
});

test("reports each penalty with its lambda of the epoch, by the entry's name or type", () => {
  const model = modelWith([
    { name: "small kernels", type: "l2", lambda: 0.5, apply_to: ["convnet/conv.weight"] },
    { type: "l1", lambda: 3, apply_to: ["readouts/spatial"], schedule: { kind: "warmup", start_epoch: 2 } },
    { type: "proximal_l1", lambda: 1, apply_to: ["readouts/features"] },
  ]);
  const { regularization } = model;
  const whole = (epoch: number) =>
    tf.tidy(
      () => regularization.penalty(regularization.lambdas(epoch).map((l) => tf.scalar(l))).dataSync()[0]!,
    );
  const [first, later] = [regularization.penalties(0), regularization.penalties(2)];
  expect(Object.keys(later)).toEqual(["reg_loss/small kernels", "reg_loss/l1"]);
  expect(first["reg_loss/l1"]).toBe(0);
  expect(later["reg_loss/l1"]).toBeGreaterThan(0);
  for (const [epoch, found] of [
    [0, first],
    [2, later],
  ] as const) {
    const sum = Object.values(found).reduce((a, b) => a + b, 0);
    expect(sum / whole(epoch)).toBeCloseTo(1, 5);
  }
  model.dispose();
});
