import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { buildModel } from "../../lib/model";
import { dropout } from "../../lib/nn/dropout";
import { planMlp } from "../../lib/nn/mlp";
import { lookUp } from "../../lib/nn/parameter";
import { INPUT, SMALL, small } from "../model/configs";

/** Random numbers that count up through [0, 1), so that the dropped share is exact; it records the requests. */
function counting(asked: string[] = []) {
  return {
    uniform: (shape: number[], layer: string) => {
      asked.push(layer);
      const size = shape.reduce((a, b) => a * b, 1);
      return tf.reshape(tf.linspace(0, 1 - 1 / size, size), shape);
    },
    normal: (shape: number[]) => tf.zeros(shape),
  };
}

test("sets a share of the values to 0 and rescales the others", () => {
  const values = tf.tidy(() => {
    const x = tf.ones([4, 5]);
    const mode = { training: true, rng: counting() };
    const off = dropout(x, 0.4, { training: false }, "layer");
    return [dropout(x, 0.4, mode, "layer"), dropout(x, 0.4, mode, "layer", [4, 1]), off].map((y) =>
      Array.from(y.dataSync()),
    );
  });
  const [single, rows, off] = values;
  expect(single!.filter((v) => v === 0)).toHaveLength(8);
  expect(single!.reduce((a, b) => a + b, 0)).toBeCloseTo(20, 4);
  // Two of four rows as a whole: 0 and 0.25 are under 0.4.
  expect(rows!.map(Boolean)).toEqual([...Array(10).fill(false), ...Array(10).fill(true)]);
  expect(off).toEqual(Array(20).fill(1));
});

test("every layer with dropout draws its own numbers, in training only", () => {
  const block = { ...SMALL.convnet.params.block_configs[0], dropout: 0.5 };
  const convnet = {
    type: "cnn",
    params: {
      channels: [4, 4],
      block_configs: [block, { conv_params: { kernel_size: 1 }, norm_type: "rms", dropout: 0.1 }],
    },
  };
  const asked: string[] = [];
  const model = buildModel(small({ convnet }), INPUT, 1);
  tf.tidy(() => {
    const stim = tf.ones([2, INPUT.lags, INPUT.height, INPUT.width, 1]) as tf.Tensor5D;
    model.forward({ stim }, { training: false });
    model.forward({ stim }, { training: true, rng: counting(asked) });
  });
  const place = "convnet.params.block_configs";
  expect(asked).toEqual([`${place}.0.dropout`, `${place}.1.dropout`]);
  model.dispose();
});

test("a network drops only hidden values", () => {
  const options = {
    dims: [7, 5, 2],
    activation: "relu",
    bias: false,
    residual: false,
    last_layer_activation: true,
    dropout: 0.5,
  };
  const plan = planMlp(3, options, { where: "test", path: "encoder" });
  const weights = lookUp(
    new Map(plan.weights.map(({ name, shape }) => [name, tf.variable(tf.ones([...shape]))])),
  );
  const asked: string[] = [];
  const found = tf.tidy(() =>
    plan.apply(tf.ones([1, 3]), weights, { training: true, rng: counting(asked) }).arraySync(),
  );
  expect(asked).toEqual(["encoder.dropout.0", "encoder.dropout.1"]);
  // 3 of 7 hidden values are kept and doubled (18); of the next 5 the last 2 (0.6 and 0.8), doubled too.
  expect(found).toEqual([[72, 72]]);
  tf.dispose(plan.weights.map(({ name }) => weights(name)));
});
