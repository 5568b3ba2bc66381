import { expect, test } from "vitest";
import { compile, configureEngine, memory, OutOfMemoryError, tf } from "../../lib/engine";

test("counts bytes once for tensors that share them", async () => {
  const before = memory().bytes;
  const x = tf.tidy(() => tf.mul(tf.ones([100, 10]), 2));
  expect(memory().bytes - before).toBe(4000);
  const copy = x.clone();
  const f = compile((y: tf.Scalar) => tf.add(tf.sum(x), y));
  (await f(1)).dispose();
  expect(memory().bytes - before, "one more holder: the function captured it").toBe(4000);
  tf.dispose([x, copy]);
  expect(memory().bytes - before).toBe(4000);
  f.dispose();
  expect(memory().bytes).toBe(before);
});

test("holds no more handles or bytes after 1,000 steps than after 10", async () => {
  const w = tf.variable(tf.zeros([20, 3]) as tf.Tensor2D);
  const step = compile(({ x, lr }: { x: tf.Tensor2D; lr: tf.Scalar }) => {
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(tf.sub(tf.matMul(x, w), 1))) as tf.Scalar,
      [w],
    );
    w.assign(tf.sub(w, tf.mul(lr, grads[w.name]!)));
    return value;
  });
  const x = tf.ones([5, 20]) as tf.Tensor2D;
  const counts: { tensors: number; bytes: number }[] = [];
  for (let i = 0; i < 1000; i++) {
    const loss = await step({ x, lr: 0.01 });
    loss.dataSync();
    loss.dispose();
    const { tensors, bytes } = memory();
    counts.push({ tensors, bytes });
  }
  expect(counts[999]).toEqual(counts[9]);
  tf.dispose([x, w]);
  step.dispose();
});

test("leaves no tensors after errors during tracing, in a run, and in an op", async () => {
  const rows = tf.tensor1d([1, 2]);
  const w = tf.variable(tf.scalar(1));
  tf.dispose([tf.add(rows, w)]);
  const before = memory();
  const failing = compile((x: tf.Tensor) => {
    w.assign(tf.scalar(3));
    return tf.scalar(tf.square(x).dataSync()[0]!);
  });
  await expect(failing(rows)).rejects.toThrow("no value yet");
  const at = tf.tensor1d([9], "int32");
  const gather = compile((at: tf.Tensor1D) => tf.gather(rows, at));
  await expect(gather(at)).rejects.toThrow("is not in [0, 2)");
  at.dispose();
  gather.dispose();
  expect(() => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])))).toThrow();
  expect(w.dataSync()[0]).toBe(1);
  expect(memory()).toEqual(before);
  tf.dispose([rows, w]);
});

test("refuses an allocation beyond the limit and reports the request, the memory in use, and the batch that would fit", async () => {
  const { limit } = memory();
  const held = tf.tidy(() => tf.add(tf.ones([1000, 250]), 1));
  const { bytes } = memory();
  configureEngine({ memoryLimit: bytes + 3_000_000 });
  try {
    const big = tf.ones([1000, 1000]);
    expect(() => tf.add(big, 1)).toThrow(OutOfMemoryError);
    expect(() => tf.add(big, 1)).toThrow(
      /^tensor \[1000,1000\]: 4 MB were requested, [\d.]+ MB of tensors are live, and [\d.]+ MB may be used\. Dispose of tensors/,
    );
    big.dispose();
    const outer = compile(function outer(x: tf.Tensor1D) {
      return tf.sum(tf.exp(tf.outerProduct(x, tf.ones([1000]))));
    });
    const [wide, fitting] = [tf.ones([4000]), tf.ones([100])] as tf.Tensor1D[];
    await expect(outer(wide!)).rejects.toThrow(
      /^outer: [\d.]+ MB were requested, .* The arguments have 4000 rows; about \d{2,3} would fit\.$/,
    );
    const y = await outer(fitting!);
    expect(y.dataSync()[0]).toBeCloseTo(100_000 * Math.E, -1);
    tf.dispose([wide!, fitting!, y]);
    outer.dispose();
  } finally {
    configureEngine({ memoryLimit: limit });
    held.dispose();
  }
});

test("reports TensorFlow's own lack of memory as an OutOfMemoryError and continues", () => {
  expect(() => tf.fill([1_000_000, 4_000_000], 1)).toThrow(OutOfMemoryError);
  expect(tf.tidy(() => tf.add(1, 1).dataSync()[0])).toBe(2);
});
