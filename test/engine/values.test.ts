import { expect, test } from "vitest";
import { tf, valuesOf } from "../../lib/engine";

test("returns the values of a computed tensor and frees all tensors that the function made", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const before = tf.memory().numTensors;
  expect(valuesOf(() => tf.square(tf.add(x, 1)))).toEqual(Float32Array.of(4, 9, 16));
  expect(valuesOf<Int32Array>(() => tf.cast(x, "int32"))).toEqual(Int32Array.of(1, 2, 3));
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
});

test("keeps a tensor from outside of the function", () => {
  const x = tf.variable(tf.tensor1d([1, 2, 3]));
  expect(valuesOf(() => x)).toEqual(Float32Array.of(1, 2, 3));
  expect(valuesOf(() => tf.square(x))).toEqual(Float32Array.of(1, 4, 9));
  x.dispose();
});

test("frees the tensors of a function that throws", () => {
  const before = tf.memory().numTensors;
  expect(() =>
    valuesOf(() => {
      tf.zeros([3]);
      throw new Error("no values");
    }),
  ).toThrow("no values");
  expect(tf.memory().numTensors).toBe(before);
});
