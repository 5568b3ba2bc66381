import { expect, test } from "vitest";
import { compile, memory, tf } from "../../lib/engine";
import { magnitude } from "../../lib/engine/gradients/elementwise";

/**
 * Gradients at kinks, ties and zeros. The expected numbers are those of PyTorch 2.9.1 (`f(x).sum().backward()`, the calls stand beside
 * them), except where the name says otherwise.
 */
type Case = [f: (x: tf.Tensor) => tf.Tensor, at: tf.TensorLike, gradient: number[]];
const [NAN, INF, THIRD] = [Number.NaN, Number.POSITIVE_INFINITY, 1 / 3];

/** The arguments of a convolution that returns the values of a vector. */
const pixels = (x: tf.Tensor) => ({
  x: tf.reshape(x, [1, 1, -1, 1]) as tf.Tensor4D,
  filter: tf.ones([1, 1, 1, 1]) as tf.Tensor4D,
  strides: 1,
  pad: 0,
});

const CASES: Record<string, Case> = {
  // x.relu().sqrt(), x.relu().log(), F.relu6(x).sqrt(), x.sqrt()
  "sqrt of relu": [(x) => tf.sqrt(tf.relu(x)), [-1, 0, 4], [0, 0, 0.25]],
  "log of relu": [(x) => tf.log(tf.relu(x)), [-1, 0, 4], [0, 0, 0.25]],
  "sqrt of relu6": [(x) => tf.sqrt(tf.relu6(x)), [-1, 0, 4, 9], [0, 0, 0.25, 0]],
  // The same for tfjs's fused operations, which the dense and convolution layers of tfjs-layers call.
  "sqrt of a fused product with relu": [
    (x) => tf.sqrt(tf.fused.matMul({ a: tf.reshape(x, [3, 1]), b: tf.ones([1, 1]), activation: "relu" })),
    [-1, 0, 4],
    [0, 0, 0.25],
  ],
  "sqrt of a fused convolution with relu": [
    (x) => tf.sqrt(tf.fused.conv2d({ ...pixels(x), activation: "relu" })),
    [-1, 0, 4],
    [0, 0, 0.25],
  ],
  "sqrt of a fused depthwise convolution with relu6": [
    (x) => tf.sqrt(tf.fused.depthwiseConv2d({ ...pixels(x), activation: "relu6" })),
    [-1, 0, 4, 9],
    [0, 0, 0.25, 0],
  ],
  sqrt: [(x) => tf.sqrt(x), [0, 4], [INF, 0.25]],
  // F.relu6(x), x.abs()
  relu6: [(x) => tf.relu6(x), [-1, 0, 2, 6, 7], [0, 0, 1, 0, 0]],
  magnitude: [(x) => magnitude(x), [-1, 0, 2], [-1, 0, 1]],
  // torch.linalg.norm(x), torch.linalg.norm(x, inf), torch.linalg.norm(x, -inf)
  "norm of zeros": [(x) => tf.norm(x), [0, 0], [0, 0]],
  "norm of a matrix of zeros": [(x) => tf.norm(x, "euclidean", [0, 1]), [[0, 0]], [0, 0]],
  "norm of order infinity": [(x) => tf.norm(x, Infinity), [2, -2, 1], [0.5, -0.5, 0]],
  "norm of order minus infinity": [(x) => tf.norm(x, -Infinity), [2, -1, 1], [0, -0.5, 0.5]],
  // x.pow(0), x.pow(1), x.pow(2), x.pow(0.5), torch.pow(base, x)
  "x^0": [(x) => tf.pow(x, 0), [-1, 0, 2], [0, 0, 0]],
  "x^1": [(x) => tf.pow(x, 1), [-1, 0, 2], [1, 1, 1]],
  "x^2": [(x) => tf.pow(x, 2), [-1, 0, 2], [-2, 0, 4]],
  "x^0.5": [(x) => tf.pow(x, 0.5), [0, 4], [INF, 0.25]],
  "exponents of the base 0": [(x) => tf.pow(tf.zeros([3]), x), [0, 2, -1], [0, 0, -INF]],
  "an exponent of a negative base, where PyTorch gives NaN": [(x) => tf.pow(-2, x), [2], [0]],
  // x.amax(), x.amax(0), x.amin(1), x.amax((0, 1))
  "max of all": [(x) => tf.max(x), [2, 2, 1], [0.5, 0.5, 0]],
  "max over the first axis": [(x) => tf.max(x, 0), [[2, 1], [2, 3]], [0.5, 0, 0.5, 1]], // biome-ignore format: rows
  "min over the last axis": [(x) => tf.min(x, -1), [[2, 2, 3], [1, 1, 1]], [0.5, 0.5, 0, THIRD, THIRD, THIRD]], // biome-ignore format: rows
  "max over both axes, which stay": [(x) => tf.max(x, [0, 1], true), [[2, 2, 1], [1, 1, 2]], [THIRD, THIRD, 0, 0, 0, THIRD]], // biome-ignore format: rows
  "min of softplus, equal at the start": [(x) => tf.min(tf.softplus(x), 1), [[0, 0]], [0.25, 0.25]],
  // torch.maximum(x, torch.tensor(0.)), torch.maximum(torch.tensor([0., 1, 2]), x), and minimum
  "maximum with a number": [(x) => tf.maximum(x, 0), [-1, 0, 1], [0, 0.5, 1]],
  "maximum, to an operand that is broadcast": [(x) => tf.maximum([0, 1, 2], x), [1], [1.5]],
  "minimum with a number": [(x) => tf.minimum(x, 0), [-1, 0, 1], [1, 0.5, 0]],
  "minimum, to an operand that is broadcast": [(x) => tf.minimum([0, 1, 2], x), [1], [1.5]],
  "maximum of a tensor with itself": [(x) => tf.maximum(x, x), [3], [1]],
  "maximum of two infinities": [(x) => tf.maximum(x, INF), [INF], [0.5]],
  "maximum with NaN": [(x) => tf.maximum(x, 0), [NAN], [1]],
  "sqrt of maximum": [(x) => tf.sqrt(tf.maximum(x, 0)), [-1, 0, 4], [0, INF, 0.25]],
  // torch.square(x - torch.tensor([1., 2]))
  "squaredDifference, to an operand that is broadcast": [(x) => tf.squaredDifference([1, 2], x), [1], [-2]],
  // F.max_pool1d(x, 2), x.topk(1).values, x.clamp(0, 1)
  "maxPool, to the first largest value": [
    (x) => tf.pool(tf.reshape(x, [1, 1, 4, 1]) as tf.Tensor4D, [1, 2], "max", "valid", 1, [1, 2]),
    [2, 2, 1, 1],
    [1, 0, 1, 0],
  ],
  "topk, to the value that was returned": [(x) => tf.topk(x, 1).values, [2, 2, 1], [1, 0, 0]],
  "clipByValue at its limits": [(x) => tf.clipByValue(x, 0, 1), [-1, 0, 0.5, 1, 2], [0, 1, 1, 1, 0]],
};

test.each(Object.entries(CASES))("%s", async (_name, [f, at, expected]) => {
  const before = memory().tensors;
  const x = tf.tensor(at);
  const compiled = compile((x: tf.Tensor) => tf.grad(f)(x));
  const result = await compiled(x);
  const eager = tf.tidy(() => Array.from(tf.grad(f)(x).dataSync()));
  const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(6)) + 0);
  expect(rounded(eager)).toEqual(rounded(expected));
  expect(rounded(result.dataSync())).toEqual(rounded(expected));
  tf.dispose([x, result]);
  compiled.dispose();
  expect(memory().tensors).toBe(before);
});

test("relu, maximum and squares have second derivatives", () => {
  const second = (f: (x: tf.Tensor) => tf.Tensor) =>
    tf.tidy(() =>
      Array.from(
        tf
          .grad((x) => tf.grad(f)(x))(tf.tensor1d([-1, 2]))
          .dataSync(),
      ),
    );
  expect(second((x) => tf.pow(tf.relu(x), 3))).toEqual([0, 12]);
  expect(second((x) => tf.square(tf.maximum(x, 0)))).toEqual([0, 2]);
  expect(second((x) => tf.pow(tf.square(x), 2))).toEqual([12, 48]);
});

test("keeps the true gradient of tfjs's sigmoid cross-entropy at logit 0", () => {
  const gradient = tf.grad((x) =>
    tf.losses.sigmoidCrossEntropy(tf.tensor2d([[0, 1]]), x, undefined, 0, tf.Reduction.SUM),
  );
  expect(Array.from(gradient(tf.tensor2d([[0, 0]])).dataSync())).toEqual([0.5, -0.5]);
});
