import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { buildModel, parseModelConfig } from "../../lib/model";
import { convnets } from "../../lib/model/convnet";
import type { Plan, Weights } from "../../lib/nn";
import { convs } from "../../lib/nn/conv";
import { rotationMatrices } from "../../lib/nn/conv/rotated";
import { createVariables, lookUp } from "../../lib/nn/parameter";

const AT = { where: "test", path: "convnet" };
const SIZE = 9;
const input = { time: 3, height: SIZE, width: SIZE, channels: 2 };

/** Draws the weights of a plan. */
const weightsOf = (plan: Plan): Weights => lookUp(createVariables(plan.weights, 1));

/** Rotates each frame by 90°, `[B, T, H, W, C]`, in the sense of the filters. */
const turned = (x: tf.Tensor5D) => tf.reverse(tf.transpose(x, [0, 1, 3, 2, 4]), 2) as tf.Tensor5D;

const values = (x: tf.Tensor) => x.dataSync() as Float32Array;
const distance = (a: tf.Tensor, b: tf.Tensor) => values(tf.max(tf.abs(tf.sub(a, b))))[0]!;

for (const count of [4, 8])
  test(`a rotation of the image rotates the features and moves them to the next rotation (${count} rotations)`, () => {
    tf.tidy(() => {
      const params = {
        channels: [3, 2],
        kernel_sizes: [
          [2, 5, 5],
          [1, 3, 3],
        ],
        num_rotations: count,
      };
      const plan = convnets.rotation_equivariant!.plan(params, AT, input);
      expect(plan.output).toEqual({ time: 3, height: SIZE, width: SIZE, channels: 2 * count });
      const weights = weightsOf(plan);
      const x = tf.randomNormal([2, 3, SIZE, SIZE, 2], 0, 1, "float32", 4) as tf.Tensor5D;
      for (const training of [true, false]) {
        const run = (movie: tf.Tensor5D) => plan.apply(movie, weights, { training });
        const [still, after] = [run(x), run(turned(x))];
        // 90° are `count / 4` rotations.
        const groups = tf.split(turned(still), count, 4);
        const by = count / 4;
        const moved = tf.concat([...groups.slice(count - by), ...groups.slice(0, count - by)], 4);
        expect(distance(after, moved)).toBeLessThan(1e-5);
        expect(distance(after, turned(still))).toBeGreaterThan(0.01);
      }
    });
  });

test("rotation matrices keep an image of equal pixels inside the circle that all rotations see", () => {
  const matrices = rotationMatrices(8, 7, 7);
  for (let r = 0; r < 8; r++)
    for (let p = 0; p < 49; p++) {
      const [y, x] = [Math.floor(p / 7) - 3, (p % 7) - 3];
      const sum = matrices.subarray((r * 49 + p) * 49, (r * 49 + p + 1) * 49).reduce((a, b) => a + b, 0);
      if (Math.hypot(y, x) <= 3) expect(sum).toBeCloseTo(1, 5);
      expect(sum).toBeLessThan(1 + 1e-5);
    }
});

test("reads only the newest frames that the readout needs, and trains", () => {
  const convnet = {
    type: "rotation_equivariant",
    params: { channels: [2], kernel_sizes: [[2, 3, 3]], num_rotations: 4 },
  };
  const config = parseModelConfig({ convnet, readout: { type: "gaussian" } }, "model.yaml");
  const model = buildModel(config, { lags: 5, height: SIZE, width: SIZE, units: [3] }, 0, "model.yaml");
  const stim = tf.randomNormal([4, 5, SIZE, SIZE, 1], 0, 1, "float32", 2) as tf.Tensor5D;
  tf.tidy(() => {
    const loss = () => tf.sum(model.forward({ stim }, { training: true })) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [model.variable("convnet.layers.0.conv.weight")]);
    expect(Object.values(grads)[0]!.shape).toEqual([2, 3, 3, 1, 2]);
    expect(values(tf.max(tf.abs(Object.values(grads)[0]!)))[0]).toBeGreaterThan(0);
  });
  model.dispose();
});

test("refuses kernels that cannot rotate, and lists of different lengths", () => {
  const plan = (params: object) => () => convnets.rotation_equivariant!.plan(params, AT, input);
  expect(plan({ channels: [2], kernel_sizes: [[1, 4, 4]] })).toThrow(
    "test: convnet.kernel_sizes.0: is 4 rows by 4 columns; kernels that rotate need equal, odd sizes",
  );
  expect(plan({ channels: [2, 2], kernel_sizes: [3] })).toThrow(
    "test: convnet.kernel_sizes: has 1 entries for the 2 layers of channels; give one for each",
  );
});

test("depth_separable equals its three convolutions one after another", () => {
  tf.tidy(() => {
    const conv = convs.depth_separable!.plan({ kernel_size: [2, 3, 3] }, AT, 4, false);
    const plan = conv.plan(input);
    expect(plan.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ["in_depth.weight", [1, 1, 1, 2, 4]],
      ["spatial.weight", [2, 3, 3, 1, 4]],
      ["out_depth.weight", [1, 1, 1, 4, 4]],
    ]);
    const weights = weightsOf(plan);
    const x = tf.randomNormal([2, 3, SIZE, SIZE, 2], 0, 1, "float32", 3) as tf.Tensor5D;
    const inDepth = tf.conv3d(x, weights("in_depth.weight") as tf.Tensor5D, 1, "valid");
    const channels = tf.split(inDepth, 4, 4);
    const filters = tf.split(weights("spatial.weight"), 4, 4);
    const spatial = channels.map((one, c) =>
      tf.conv3d(one as tf.Tensor5D, filters[c] as tf.Tensor5D, 1, "valid"),
    );
    const wanted = tf.conv3d(
      tf.concat(spatial, 4) as tf.Tensor5D,
      weights("out_depth.weight") as tf.Tensor5D,
      1,
      "valid",
    );
    expect(distance(plan.apply(x, weights, { training: false }), wanted)).toBeLessThan(1e-5);
  });
});
