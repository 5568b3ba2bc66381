import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";

async function gradient(f: (x: tf.Tensor) => tf.Tensor, at: number[]): Promise<number[]> {
  const x = tf.tensor1d(at);
  const compiled = compile((x: tf.Tensor) => tf.grad(f)(x));
  const result = await compiled(x);
  const eager = tf.tidy(() => tf.grad(f)(x).dataSync());
  const values = Array.from(result.dataSync());
  tf.dispose([x, result]);
  compiled.dispose();
  expect(values).toEqual(Array.from(eager));
  return values;
}

test("differentiates where with a condition that depends on the same tensor", async () => {
  const f = (x: tf.Tensor) => tf.where(tf.greater(x, 1), tf.square(x), tf.mul(x, 5));
  expect(await gradient(f, [-2, 0.5, 3])).toEqual([5, 5, 6]);
});

test("differentiates where under two combined comparisons", async () => {
  const f = (x: tf.Tensor) =>
    tf.where(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 2)), tf.square(x), tf.mul(x, 5));
  expect(await gradient(f, [-2, 0.5, 3])).toEqual([5, 1, 5]);
});

test("rejects a function that depends on its argument by comparisons alone", () => {
  const f = (x: tf.Tensor) => tf.cast(tf.greater(x, 1), "float32");
  expect(() => tf.tidy(() => tf.grad(f)(tf.tensor1d([1, 2])))).toThrow("Cannot compute gradient");
});

test("differentiates where under isFinite", async () => {
  const f = (x: tf.Tensor) => tf.where(tf.isFinite(x), tf.mul(x, 2), tf.zerosLike(x));
  expect(await gradient(f, [1, -4])).toEqual([2, 2]);
});

test("differentiates a split into one piece, and into several of which one is used", async () => {
  expect(await gradient((x) => tf.square(tf.split(x, 1)[0]!), [1, 2])).toEqual([2, 4]);
  expect(await gradient((x) => tf.square(tf.split(x, 2)[1]!), [1, 2])).toEqual([0, 4]);
});

test("differentiates gather by rows and by columns", async () => {
  const f = (x: tf.Tensor) => tf.gather(tf.square(x), tf.tensor1d([2, 0, 2], "int32"));
  expect(await gradient(f, [1, 2, 3])).toEqual([2, 0, 12]);
});

test("names an index that is out of range", () => {
  const x = tf.tensor1d([1, 2]);
  const at = tf.tensor1d([2], "int32");
  expect(() => tf.gather(x, at)).toThrow("GatherV2: the index value 2 is not in [0, 1]");
  tf.dispose([x, at]);
});
