import { afterEach, beforeEach, expect, test } from "vitest";
import { type Compiled, compile, memory, tf } from "../../lib/engine";
import { ResidentMemory } from "../../lib/engine/memory";
import { gatherRows, residentTensor } from "../../lib/engine/resident";

let before: number;
let disposables: { dispose(): void }[] = [];
const owned = <T extends { dispose(): void }>(x: T): T => {
  disposables.push(x);
  return x;
};
const variable = (initial: () => tf.Tensor) => owned(tf.tidy(() => tf.variable(initial())));
beforeEach(() => {
  before = memory().tensors;
});
afterEach(() => {
  for (const x of disposables) x.dispose();
  disposables = [];
  expect(memory().tensors, "handles left over").toBe(before);
});

async function values(promise: Promise<tf.Tensor>): Promise<number[]> {
  const tensor = owned(await promise);
  return Array.from(tensor.dataSync());
}

test("treats numbers as inputs instead of constants", async () => {
  const x = owned(tf.tensor1d([1, 2, 3]));
  const scale = owned(compile((x: tf.Tensor, by: tf.Scalar) => tf.mul(x, by)));
  expect(await values(scale(x, 2))).toEqual([2, 4, 6]);
  expect(await values(scale(x, -1))).toEqual([-1, -2, -3]);
});

test("reads variables at each run and replaces them by assign", async () => {
  const w = variable(() => tf.scalar(1));
  const step = owned(
    compile((x: tf.Scalar) => {
      w.assign(tf.add(w, x));
      return tf.mul(w, 10);
    }),
  );
  expect(await values(step(1))).toEqual([20]);
  expect(w.dataSync()[0]).toBe(2);
  tf.tidy(() => w.assign(tf.scalar(5)));
  expect(await values(step(1))).toEqual([60]);
  const copy = owned(w.clone());
  await values(step(4));
  expect(copy.dataSync()[0], "a clone keeps its value").toBe(6);
  expect(w.dataSync()[0]).toBe(10);
});

function regression(options: { compile: boolean }) {
  const w = variable(() => tf.zeros([2, 1]));
  const step = owned(
    compile(({ x, y, lr }: { x: tf.Tensor2D; y: tf.Tensor2D; lr: tf.Scalar }) => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(tf.square(tf.sub(tf.matMul(x, w as tf.Variable<tf.Rank.R2>), y))) as tf.Scalar,
        [w],
      );
      w.assign(tf.sub(w, tf.mul(lr, grads[w.name]!)));
      return { loss: value };
    }, options),
  );
  return { w, step };
}

test("computes the same gradients and updates of a training step as eager execution", async () => {
  const x = owned(tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]));
  const y = owned(tf.tensor2d([2, -1, 1], [3, 1]));
  const losses: number[][] = [];
  for (const compile of [true, false]) {
    const { w, step } = regression({ compile });
    const seen: number[] = [];
    for (let i = 0; i < 60; i++) {
      const { loss } = await step({ x, y, lr: 0.3 });
      seen.push(loss.dataSync()[0]!);
      loss.dispose();
    }
    losses.push(seen);
    expect(w.dataSync()[0]).toBeCloseTo(2, 4);
    expect(w.dataSync()[1]).toBeCloseTo(-1, 4);
  }
  expect(losses[0]![59]).toBeLessThan(1e-6);
  for (const [i, loss] of losses[0]!.entries()) expect(Math.abs(loss - losses[1]![i]!)).toBeLessThan(1e-6);
});

test("holds no more handles after 200 steps than after 2", async () => {
  const x = owned(tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]));
  const y = owned(tf.tensor2d([2, -1, 1], [3, 1]));
  const { step } = regression({ compile: true });
  const counts: number[] = [];
  for (let i = 0; i < 200; i++) {
    (await step({ x, y, lr: 0.1 })).loss.dispose();
    counts.push(memory().tensors);
  }
  expect(counts[199]).toBe(counts[1]);
});

test("compiles again for another shape, and keeps captured tensors", async () => {
  const bias = tf.tensor1d([10, 20]);
  const add = owned(compile((x: tf.Tensor) => tf.add(x, bias)));
  const one = owned(tf.tensor2d([[1, 1]]));
  const two = owned(tf.tensor2d([[1, 1], [2, 2]])); // biome-ignore format: rows
  expect(await values(add(one))).toEqual([11, 21]);
  expect(await values(add(two))).toEqual([11, 21, 12, 22]);
  bias.dispose();
  expect(await values(add(one)), "its own handle on the captured tensor").toEqual([11, 21]);
});

test("accepts tensors made inside as constants, and inputs as results, even twice", async () => {
  const x = owned(tf.tensor1d([1, 2]));
  const f = owned(
    compile((x: tf.Tensor) => ({ same: x, again: [x, tf.add(x, tf.tensor1d([5, 5]))] as const })),
  );
  const { same, again } = await f(x);
  owned(same);
  owned(again[0]);
  owned(again[1]);
  expect(Array.from(same.dataSync())).toEqual([1, 2]);
  expect(Array.from(again[1].dataSync())).toEqual([6, 7]);
});

test("names the op when a value is read inside", async () => {
  const x = owned(tf.tensor1d([1, 2]));
  const f = owned(compile((x: tf.Tensor) => tf.scalar(tf.sum(x).dataSync()[0]!)));
  await expect(f(x)).rejects.toThrow(/^The result of Sum was read .* has no value yet/);
});

test("leaves variables unchanged after an error inside", async () => {
  const w = variable(() => tf.scalar(3));
  const f = owned(
    compile(() => {
      w.assign(tf.scalar(4));
      throw new Error("mine");
    }),
  ) as Compiled<[], never>;
  await expect(f()).rejects.toThrow("mine");
  expect(w.dataSync()[0]).toBe(3);
});

test("rejects results that are not tensors, and variables made inside", async () => {
  const f = owned(
    compile(function lossOf() {
      return { loss: 3 };
    }),
  );
  await expect(f()).rejects.toThrow("lossOf returned 3 at loss: a compiled function returns tensors only");
  const g = owned(
    compile(function adam() {
      return tf.variable(tf.scalar(1), true, "m");
    }),
  );
  await expect(g()).rejects.toThrow("adam creates a variable (m): create it before");
});

test("reports an error of TensorFlow with the function's name", async () => {
  const rows = owned(tf.tensor1d([1, 2]));
  const at = owned(tf.tensor1d([7], "int32"));
  const f = owned(
    compile(function pick(i: tf.Tensor1D) {
      return tf.gather(rows, i);
    }),
  );
  await expect(f(at)).rejects.toThrow(/pick: .*indices\[0\] = 7 is not in \[0, 2\)/);
});

test.each([
  ["uint8", [160, 180, 200, 220, 0, 20, 40, 60], Uint8Array.from({ length: 12 }, (_, i) => i * 20)],
  ["float32", [8, 9, 10, 11, 0, 1, 2, 3], Float32Array.from({ length: 12 }, (_, i) => i)],
  // The upper halves of float32 1, 2, 3, ..., and IEEE half-precision ones.
  [
    "bfloat16",
    [1, 2, 3, -4, 1, 1, 1, 1],
    Uint16Array.of(0x3f80, 0x3f80, 0x3f80, 0x3f80, 0, 0, 0, 0, 0x3f80, 0x4000, 0x4040, 0xc080),
  ],
  [
    "float16",
    [1, 2, 3, -4, 1, 1, 1, 1],
    Uint16Array.of(0x3c00, 0x3c00, 0x3c00, 0x3c00, 0, 0, 0, 0, 0x3c00, 0x4000, 0x4200, 0xc400),
  ],
] as const)("gathers rows of a %s movie as float32", async (dtype, rows, values) => {
  const movie = owned(residentTensor([values], [3, 2, 2], dtype));
  const at = owned(tf.tensor2d([[2, 0]], [1, 2], "int32"));
  const f = owned(compile((at: tf.Tensor2D) => gatherRows(movie, at, dtype)));
  const out = owned(await f(at));
  expect(out.shape).toEqual([1, 2, 2, 2]);
  expect(out.dtype).toBe("float32");
  expect(Array.from(out.dataSync())).toEqual(rows);
});

test("turns memory that JavaScript fills in parts into a tensor without a copy, and frees both", async () => {
  const { parts } = new ResidentMemory([8, 4]);
  const movie = residentTensor([...parts], [3, 4], "uint8");
  // There is no copy: later writes are visible.
  parts.forEach((part, i) => {
    part.fill(i + 1);
  });
  const at = owned(tf.tensor1d([2, 0], "int32"));
  const f = owned(compile((at: tf.Tensor1D) => gatherRows(movie, at, "uint8")));
  expect(Array.from(owned(await f(at)).dataSync())).toEqual([2, 2, 2, 2, 1, 1, 1, 1]);
  movie.dispose();
  expect([...parts[1]!]).toEqual([2, 2, 2, 2]);
});

test("keeps the event loop free during a long call", async () => {
  const n = 1500;
  const x = owned(tf.ones([n, n]));
  const f = owned(compile((x: tf.Tensor) => tf.sum(tf.matMul(tf.matMul(tf.matMul(x, x), x), x))));
  (await f(x)).dispose();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const start = performance.now();
  (await f(x)).dispose();
  const took = performance.now() - start;
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(Math.min(5, took / 50));
});
