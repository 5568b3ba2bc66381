import { expect, test } from "vitest";
import { compile, memory, tf } from "../../lib/engine";

/**
 * Compares linear and smooth gradients that tfjs lacks or computes wrongly with central differences, and eager
 * execution with compiled.
 */
type Op = (x: tf.Tensor) => tf.Tensor;

const ints = (values: number[], shape: number[]) => tf.tensor(values, shape, "int32");
const fixed = (...shape: number[]) => tf.randomUniform(shape, -1, 1, "float32", 7);
const boxes = () => tf.tensor2d([0, 0.05, 0.8, 0.7, 0.1, 0.2, 1.3, 0.9], [2, 4]);

const CHECKS: Record<string, [shape: number[], op: Op]> = {
  "mirrorPad, symmetric": [[3, 4], (x) => tf.mirrorPad(x, [[1, 2], [3, 1]], "symmetric")], // biome-ignore format: pairs
  "mirrorPad, nothing before": [[3, 4], (x) => tf.mirrorPad(x, [[0, 2], [1, 0]], "reflect")], // biome-ignore format: pairs
  "prod over an axis from the end": [[3, 4], (x) => tf.prod(x, -1, true)],
  "gather along an inner axis": [[3, 4], (x) => tf.gather(x, ints([0, 2, 2, 3], [2, 2]), 1)],
  "gather, one batch axis": [[3, 4, 2], (x) => tf.gather(x, ints([0, 2, 2, 3, 1, 1], [3, 2]), 1, 1)],
  "gather behind a batch axis": [[2, 3, 4, 2], (x) => tf.gather(x, ints([0, 2, 2, 3], [2, 2]), 2, 1)],
  gatherND: [[3, 4], (x) => tf.gatherND(x, ints([0, 1, 2, 3, 0, 1], [3, 2]))],
  scatterND: [[3, 2], (x) => tf.scatterND(ints([0, 3, 1], [3, 1]), x, [5, 2])],
  "tensorScatterUpdate, tensor": [
    [5, 2],
    (x) => tf.tensorScatterUpdate(x, ints([0, 3], [2, 1]) as tf.Tensor2D, fixed(2, 2)),
  ],
  "tensorScatterUpdate, updates": [
    [2, 2],
    (x) => tf.tensorScatterUpdate(fixed(5, 2), ints([0, 3], [2, 1]) as tf.Tensor2D, x),
  ],
  "stridedSlice, backwards": [[5, 6], (x) => tf.stridedSlice(x, [0, 5], [5, 0], [2, -2])],
  "stridedSlice, one axis gone": [[5, 6], (x) => tf.stridedSlice(x, [1, 0], [2, 6], [1, 2], 0, 0, 0, 0, 1)],
  topk: [[3, 5], (x) => tf.topk(tf.add(tf.mul(x, 0.1), fixed(3, 5)), 2).values],
  depthToSpace: [[1, 2, 3, 8], (x) => tf.depthToSpace(x as tf.Tensor4D, 2)],
  diag: [[2, 3], (x) => tf.diag(x)],
  flipLeftRight: [[1, 3, 4, 2], (x) => tf.image.flipLeftRight(x as tf.Tensor4D)],
  "unstack into one piece": [[1, 3], (x) => tf.square(tf.unstack(x)[0]!)],
  bandPart: [[4, 4], (x) => tf.linalg.bandPart(x, 1, 0)],
  "cropAndResize, image": [
    [2, 6, 6, 2],
    (x) => tf.image.cropAndResize(x as tf.Tensor4D, boxes(), tf.tensor1d([1, 0], "int32"), [3, 4]),
  ],
  "cropAndResize, boxes": [
    [2, 4],
    (x) => {
      const image = tf.cumsum(tf.cumsum(fixed(2, 6, 6, 2), 1), 2) as tf.Tensor4D;
      const places = tf.add(boxes(), tf.mul(x, 0.01)) as tf.Tensor2D;
      return tf.image.cropAndResize(image, places, tf.tensor1d([1, 0], "int32"), [3, 4]);
    },
  ],
  "resizeNearestNeighbor, half pixel centres": [
    [1, 4, 5, 2],
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 3], false, true),
  ],
  "transform, nearest": [
    [1, 5, 5, 1],
    (x) =>
      tf.image.transform(
        x as tf.Tensor4D,
        tf.tensor2d([1, 0.1, 0.3, -0.2, 0.9, 0.6, 0, 0], [1, 8]),
        "nearest",
      ),
  ],
  "batchNorm without scale and offset": [
    [5, 3],
    (x) => tf.batchNorm(x, tf.mean(x, 0) as tf.Tensor1D, tf.moments(x, 0).variance as tf.Tensor1D),
  ],
  "conv2d, channels first": [
    [1, 2, 6, 6],
    (x) => tf.conv2d(x as tf.Tensor4D, fixed(3, 3, 2, 3) as tf.Tensor4D, 1, "same", "NCHW"),
  ],
  "conv2d, explicit padding": [
    [1, 5, 5, 2],
    (x) => tf.conv2d(x as tf.Tensor4D, fixed(3, 3, 2, 3) as tf.Tensor4D, 2, [[0, 0], [1, 2], [0, 1], [0, 0]]), // biome-ignore format: pairs
  ],
  "fused conv2d with padding by a number": [
    [1, 5, 5, 2],
    (x) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: fixed(3, 3, 2, 3) as tf.Tensor4D, strides: 1, pad: 1, activation: "sigmoid" }), // biome-ignore format: one call
  ],
  conv3dTranspose: [
    [1, 2, 3, 3, 2],
    (x) =>
      tf.conv3dTranspose(x as tf.Tensor5D, fixed(2, 3, 3, 3, 2) as tf.Tensor5D, [1, 4, 6, 6, 3], 2, "same"),
  ],
  "a gradient of conv3d, to the input": [
    [1, 3, 4, 4, 1],
    (x) => {
      const filter = fixed(2, 2, 2, 1, 2) as tf.Tensor5D;
      return tf.grad((x) => tf.square(tf.conv3d(x as tf.Tensor5D, filter, 1, "valid", "NDHWC", [2, 1, 1])))(
        x,
      );
    },
  ],
  "a gradient of conv2d, to the filter": [
    [2, 2, 1, 2],
    (filter) => {
      const x = fixed(1, 4, 4, 1) as tf.Tensor4D;
      return tf.grad((f) => tf.square(tf.conv2d(x, f as tf.Tensor4D, 1, "same", "NHWC", 2)))(filter);
    },
  ],
  "a gradient of einsum": [[3, 2], (x) => tf.grad((x) => tf.square(tf.einsum("ij,kj->ik", x, x)))(x)],
};

test.each(Object.entries(CHECKS).map(([name, [shape, op]]) => ({ name, shape, op })))(
  "$name",
  async ({ shape, op }) => {
    const before = memory().tensors;
    const x = tf.randomUniform(shape, -1, 1, "float32", 3);
    const weights = tf.tidy(() => tf.randomUniform(op(x).shape, -1, 1, "float32", 5));
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(op(x), weights)) as tf.Scalar;
    const gradient = tf.tidy(() => tf.grad(loss)(x).dataSync());
    expectDifferences(loss, x, gradient);
    const compiled = compile((x: tf.Tensor) => tf.grad(loss)(x));
    const result = await compiled(x);
    result.dataSync().forEach((value, i) => {
      expect(Math.abs(value - gradient[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
    });
    tf.dispose([x, weights, result]);
    compiled.dispose();
    expect(memory().tensors, "handles left over").toBe(before);
  },
);

/** Computes `(f(x + h) - f(x - h)) / 2h` for each element; h = 1/64 leaves an error of about 1e-3 in float32. */
function expectDifferences(
  loss: (x: tf.Tensor) => tf.Scalar,
  x: tf.Tensor,
  gradient: ArrayLike<number>,
): void {
  const values = Array.from(x.dataSync());
  const h = 1 / 64;
  const at = (i: number, by: number) =>
    tf.tidy(() => loss(tf.tensor(values.with(i, values[i]! + by), x.shape)).dataSync()[0]!);
  const differences = values.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h));
  const tolerance = 2e-3 * Math.max(1, ...differences.map(Math.abs));
  for (const [i, difference] of differences.entries())
    expect(Math.abs(gradient[i]! - difference), `element ${i}`).toBeLessThan(tolerance);
}

const gradientOf = (f: Op, at: number[]) => tf.tidy(() => Array.from(tf.grad(f)(tf.tensor1d(at)).dataSync()));

test("any and all inside a condition have a zero gradient", () => {
  const f = (x: tf.Tensor) => tf.where(tf.any(tf.greater(x, 5)), tf.zerosLike(x), tf.mul(x, 3));
  expect(gradientOf(f, [1, -2])).toEqual([3, 3]);
});

test("where keeps an infinite gradient out of the branch that was not taken", () => {
  const f = (x: tf.Tensor) => tf.sqrt(tf.where(tf.greater(x, 0), x, tf.zerosLike(x)));
  expect(gradientOf(f, [4, 0])).toEqual([0.25, 0]);
});
