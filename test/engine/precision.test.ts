import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { bfloat16Problem, requireBfloat16 } from "../../lib/engine/precision";

test("rounds only the inputs of products with bf16-mixed, eager and compiled alike", async () => {
  // 1 + 2^-9 needs nine bits; bfloat16 has eight.
  const x = tf.fill([1, 4], 1 + 2 ** -9) as tf.Tensor2D;
  const ones = tf.ones([4, 1]) as tf.Tensor2D;
  const body = (x: tf.Tensor2D) => ({ product: tf.matMul(x, ones), sum: tf.sum(x) });
  for (const compiled of [true, false]) {
    const f = compile(body, { compile: compiled, precision: "bf16-mixed", forcePrecision: true });
    const { product, sum } = await f(x);
    expect(product.dtype).toBe("float32");
    expect(product.dataSync()[0]).toBe(4);
    expect(sum.dataSync()[0]).toBe(4 * (1 + 2 ** -9));
    tf.dispose([product, sum]);
    f.dispose();
  }
  const y = tf.matMul(x, ones);
  expect(y.dataSync()[0]).toBe(4 * (1 + 2 ** -9));
  tf.dispose([x, ones, y]);
});

test("computes gradients in bf16-mixed that equal float32's to three digits", async () => {
  const x = tf.randomNormal([3, 5, 8, 8, 4]) as tf.Tensor5D;
  const w = tf.variable(tf.randomNormal([3, 3, 3, 4, 8]) as tf.Tensor5D);
  const body = (x: tf.Tensor5D) =>
    tf.variableGrads(() => tf.mean(tf.square(tf.conv3d(x, w as tf.Tensor5D, 1, "valid"))) as tf.Scalar, [w])
      .grads[w.name]!;
  const [exact, mixed] = await Promise.all(
    (["32-true", "bf16-mixed"] as const).map(async (precision) => {
      const f = compile(body, { precision, forcePrecision: true });
      const gradient = await f(x);
      const values = gradient.dataSync() as Float32Array;
      gradient.dispose();
      f.dispose();
      return values;
    }),
  );
  const largest = exact!.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const error = exact!.reduce((a, b, i) => Math.max(a, Math.abs(b - mixed![i]!)), 0);
  expect(error / largest).toBeLessThan(0.04);
  expect(error).toBeGreaterThan(0);
  tf.dispose([x, w]);
});

test("reports a CPU without bfloat16 instructions", () => {
  expect(bfloat16Problem(new Set(["avx2", "avx512_bf16"]))).toBeUndefined();
  expect(() => requireBfloat16(new Set(["avx2", "avx512f"]))).toThrow(
    'precision "bf16-mixed" is not faster on this device: its CPU has no bfloat16 instructions (avx512_bf16, amx_bf16), so ' +
      'that TensorFlow emulates them, 10 to 20 times slower than float32. Use "32-true"; to test the numerics ' +
      "nevertheless, add `forcePrecision: true`.",
  );
});

test("compiles with the short names of a precision, and rejects an unknown one with the known ones", () => {
  expect(() => compile(() => tf.scalar(1), { precision: "float32" })).not.toThrow();
  expect(() => compile(() => tf.scalar(1), { precision: "half" as "bf16" })).toThrow(
    'precision "half" is unknown; use one of: 32, 32-true, bf16-mixed, float32, bf16',
  );
});
