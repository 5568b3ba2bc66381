import { afterEach, expect, test, vi } from "vitest";
import { compile, memory, tf } from "../../lib/engine";

/** Inspection of compiled functions. */

afterEach(() => vi.restoreAllMocks());

test("summarises operations, multiply-adds, frozen numbers and omissions", async () => {
  const [a, b] = [tf.ones([4, 5]), tf.ones([5, 6])] as tf.Tensor2D[];
  const table = Float32Array.from({ length: 24 }, (_, i) => i);
  const f = compile(function product(a: tf.Tensor2D, b: tf.Tensor2D) {
    tf.exp(tf.sin(a)); // its result is unused
    return tf.add(tf.matMul(a, b), tf.tensor2d(table, [4, 6]));
  });
  expect(f.summary()).toEqual([]);
  (await f(a!, b!)).dispose();
  const [summary] = f.summary();
  expect(summary).toMatchObject({ signature: "0:float32[4,5] 1:float32[5,6]", dropped: 2 });
  expect(summary!.flops).toBe(2 * 4 * 5 * 6);
  expect(summary!.constantBytes).toBeGreaterThanOrEqual(24 * 4);
  expect(summary!.constantBytes).toBeLessThan(24 * 4 + 100);
  expect(summary!.kinds).not.toHaveProperty("Exp");
  expect(summary!.kinds).toMatchObject({ Add: 1 });
  expect(summary!.traceSeconds).toBeGreaterThan(0);
  tf.dispose([a!, b!]);
  f.dispose();
});

test("counts the same multiply-adds for a convolution and its gradients", async () => {
  const x = tf.ones([2, 6, 7, 8, 12]) as tf.Tensor5D;
  const w = tf.variable(tf.ones([2, 3, 3, 12, 4]) as tf.Tensor5D);
  const f = compile((x: tf.Tensor5D) =>
    tf.grads((x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, "valid"))([x, w]),
  );
  tf.dispose(await f(x));
  const taps = 2 * 3 * 3 * 12;
  // Only the gradients count; the value itself is unused.
  expect(f.summary()[0]!.flops).toBe(2 * (2 * 2 * 5 * 5 * 6 * 4 * taps));
  tf.dispose([x, w]);
  f.dispose();
});

test("profiles the kinds of operation, slowest first, without changing results", async () => {
  const x = tf.ones([300, 300]) as tf.Tensor2D;
  const w = tf.variable(tf.ones([300, 300]) as tf.Tensor2D);
  const f = compile((x: tf.Tensor2D, by: tf.Scalar) => {
    w.assign(tf.mul(w, by));
    return tf.matMul(tf.matMul(x, w), w);
  });
  tf.dispose([tf.add(x, w)]); // both are on TensorFlow now
  const before = memory().tensors;
  const times = await f.profile(x, 3);
  expect(memory().tensors).toBe(before);
  expect(times[0]!.kind).toMatch(/MatMul/);
  expect(times[0]!.count).toBe(2);
  expect(times.map(({ ms }) => ms)).toEqual(times.map(({ ms }) => ms).sort((a, b) => b - a));
  expect(w.dataSync()[0]).toBe(1);
  tf.dispose([x, w]);
  f.dispose();
});

test("warns at the fifth compilation of one function and shows the changed shape", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const f = compile(function rows({ x, scale }: { x: tf.Tensor; scale: tf.Scalar }) {
    return tf.mul(x, scale);
  });
  for (const n of [1, 2, 3, 4, 4, 5]) {
    const x = tf.ones([n, 2]);
    tf.dispose([await f({ x, scale: 2 }), x]);
  }
  expect(warn.mock.calls).toEqual([
    [
      "rows is compiled for the 5th time because its arguments changed: 0.x:float32[4,2] → 0.x:float32[5,2]. Each " +
        "compilation takes time and memory; call it with the same shapes, for example by padding the last batch.",
    ],
  ]);
  f.dispose();
});

test("computes the same numbers with XLA", async () => {
  const x = tf.randomNormal([8, 8]) as tf.Tensor2D;
  const body = (x: tf.Tensor2D) => tf.softmax(tf.matMul(x, tf.tanh(x)));
  const results = await Promise.all(
    [false, true].map(async (xla) => {
      const f = compile(body, { xla });
      const y = await f(x);
      const values = Array.from(y.dataSync());
      y.dispose();
      f.dispose();
      return values;
    }),
  );
  results[0]!.forEach((value, i) => {
    expect(results[1]![i]!).toBeCloseTo(value, 5);
  });
  x.dispose();
});

test("rejects values that are neither tensors nor numbers, and names their position", async () => {
  const f = compile(function step({ x }: { x: tf.Tensor }) {
    return tf.square(x);
  });
  const wrong = f as unknown as (arg: unknown) => Promise<unknown>;
  await expect(wrong({ x: undefined })).rejects.toThrow(
    "step was called with undefined as argument 0.x: a compiled function takes tensors and numbers, alone or in arrays and objects.",
  );
  await expect(wrong({ x: "text" })).rejects.toThrow("step was called with string as argument 0.x");
});

test("treats an existing tensor as an input, whether or not TensorFlow already has its values", async () => {
  const table = tf.range(0, 1000);
  const f = compile((i: tf.Scalar) => tf.add(tf.sum(table), i));
  const y = await f(1);
  expect(y.dataSync()[0]).toBe(499_501);
  expect(f.summary()[0]!.constantBytes).toBeLessThan(100);
  tf.dispose([table, y]);
  f.dispose();
});
