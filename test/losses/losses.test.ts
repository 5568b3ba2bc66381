import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { losses } from "../../lib/losses";
import { metrics } from "../../lib/metrics/measures";

const values = (of: tf.Tensor) => [...of.dataSync()];
const close = (wanted: number[]) => wanted.map((value) => expect.closeTo(value, 5));

test("cross-entropy accepts labels, labels in a column, float labels and one-hot targets", () => {
  const logits = tf.tensor2d([[1, 2, 3], [0, 0, 0], [1000, 0, 0]]); // biome-ignore format: one matrix
  const wanted = close([0.4076059, Math.log(3), 0]);
  for (const y of [tf.tensor1d([2, 1, 0], "int32"), tf.tensor1d([2, 1, 0]), tf.tensor2d([[2], [1], [0]])])
    expect(values(losses.crossEntropy(logits, y))).toEqual(wanted);
  const oneHot = tf.tensor2d([[0, 0, 1], [0, 1, 0], [1, 0, 0]]); // biome-ignore format: one matrix
  expect(values(losses.crossEntropy(logits, oneHot))).toEqual(wanted);
  const perStep = losses.crossEntropy(logits.reshape([1, 3, 3]), tf.tensor2d([[2, 1, 0]], [1, 3], "int32"));
  expect(values(perStep)).toEqual(close([(0.4076059 + Math.log(3)) / 3]));
});

test("a label outside of the classes makes the loss NaN and never counts as correct", () => {
  const logits = tf.tensor2d([[1, 2], [2, 1]]); // biome-ignore format: one matrix
  const y = tf.tensor1d([2, 0], "int32");
  expect(values(losses.crossEntropy(logits, y))).toEqual([Number.NaN, expect.closeTo(0.3132617, 5)]);
  expect(values(metrics.accuracy(logits, y))).toEqual([0, 1]);
});

test("binary cross-entropy, squared, absolute, Huber's and Poisson's losses equal their formulas", () => {
  const column = tf.tensor2d([[0.5], [-2], [200]]);
  const y = tf.tensor1d([1, 0, 1]);
  expect(values(losses.binaryCrossEntropy(column, y))).toEqual(close([0.474077, 0.126928, 0]));
  const [output, target] = [tf.tensor2d([[1, 2], [3, -1]]), tf.tensor2d([[1, 4], [2.5, 0]])]; // biome-ignore format: one pair
  expect(values(losses.meanSquaredError(output, target))).toEqual(close([2, 0.625]));
  expect(values(losses.meanAbsoluteError(output, target))).toEqual(close([1, 0.75]));
  expect(values(losses.huber(output, target))).toEqual(close([0.75, 0.3125]));
  expect(values(losses.huber(output, target, { delta: 0.5 }))).toEqual(close([0.4375, 0.25]));
  expect(values(losses.poisson(tf.tensor1d([2]), tf.tensor1d([3])))).toEqual(close([2 - 3 * Math.log(2)]));
});

test("losses have gradients", () => {
  const y = tf.tensor1d([0, 1], "int32");
  const by = (of: (x: tf.Tensor) => tf.Tensor) => values(tf.grad((x) => tf.sum(of(x)))(tf.tensor2d([[0, 0], [0, 0]]))); // biome-ignore format: short
  expect(by((x) => losses.crossEntropy(x, y))).toEqual(close([-0.5, 0.5, 0.5, -0.5]));
  const target = tf.tensor2d([[1, 0], [0, 4]]); // biome-ignore format: one matrix
  expect(by((x) => losses.binaryCrossEntropy(x, target.clipByValue(0, 1)))).toEqual(
    close([-0.25, 0.25, 0.25, -0.25]),
  );
  expect(by((x) => losses.huber(x, target))).toEqual(close([-0.5, 0, 0, -0.5]));
});

test.each<[string, () => unknown, string]>([
  ["outputs that would be broadcast", () => losses.meanSquaredError(tf.zeros([4, 2]), tf.zeros([4])),
    "losses.meanSquaredError: the output is [4,2] and the target [4]; every output needs one target"],
  ["one output as classes", () => losses.crossEntropy(tf.zeros([4, 1]), tf.zeros([4])),
    "losses.crossEntropy: the output is [4,1], and its last axis counts the classes, two or more; for one output of two classes " +
      "take losses.binaryCrossEntropy and metrics.binaryAccuracy"],
  ["targets of another number of samples", () => metrics.accuracy(tf.zeros([4, 3]), tf.zeros([5])),
    "metrics.accuracy: the output is [4,3] and the target [5]; a target is the number of a class, [4], or the probability of " +
      "each, [4,3]"],
  ["an area of three classes", () => metrics.auc(tf.zeros([4, 3]), tf.zeros([4])),
    "metrics.auc: the output is [4,3] and the target [4]; two classes are needed, [B], [B, 1] or [B, 2]"],
])("rejects %s", (_, make, message) => {
  expect(make).toThrow(message);
}); // biome-ignore format: one case a line
