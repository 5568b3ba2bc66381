import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { owned } from "./owned";

const values = async (result: Promise<tf.Tensor>) => owned(await result).dataSync();

test("draws new numbers for tf.dropout at each call of a compiled function", async () => {
  const f = owned(compile((x: tf.Tensor) => tf.dropout(x, 0.5)));
  const x = owned(tf.ones([200]));
  const [first, second] = [await values(f(x)), await values(f(x))];
  expect(first).not.toEqual(second);
  expect(f.summary()).toHaveLength(1);
  for (const mask of [first, second]) expect(new Set(mask)).toEqual(new Set([0, 2]));
});

test("draws new numbers for tf.multinomial at each call of a compiled function", async () => {
  const f = owned(compile((logits: tf.Tensor1D) => tf.multinomial(logits, 200)));
  const logits = owned(tf.zeros([5])) as tf.Tensor1D;
  expect(await values(f(logits))).not.toEqual(await values(f(logits)));
});

test("repeats a draw with a seed at each call, as without compiling", async () => {
  const f = owned(compile((x: tf.Tensor) => tf.add(x, tf.randomNormal([3], 0, 1, "float32", 5))));
  const x = owned(tf.zeros([3]));
  const eager = tf.tidy(() => tf.randomNormal([3], 0, 1, "float32", 5).dataSync());
  expect(await values(f(x))).toEqual(eager);
  expect(await values(f(x))).toEqual(eager);
});

const FROZEN: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "tf.randomNormal": (x) => tf.add(x, tf.randomNormal(x.shape)),
  "tf.randomUniform": (x) => tf.add(x, tf.randomUniform(x.shape)),
  "tf.truncatedNormal": (x) => tf.add(x, tf.truncatedNormal(x.shape)),
  "tf.randomGamma": (x) => tf.add(x, tf.randomGamma(x.shape, 1)),
  "Math.random": (x) => tf.add(x, Math.random()),
};
test.each(Object.entries(FROZEN))("rejects %s, whose draws would be frozen", async (what, f) => {
  const { random } = Math;
  const noisy = owned(compile(f, { name: "noisy" }));
  await expect(noisy(owned(tf.zeros([2])))).rejects.toThrow(
    `${what} was called inside noisy, which is compiled: its numbers come from JavaScript and would be the same at ` +
      "every call. Draw with `new StatelessRng(seed, step)` from gradbook, whose `uniform`, `normal` and `keepMask` are fresh at " +
      "each step, or pass the numbers in as an argument. If they are meant to stay the same, draw them outside.",
  );
  expect(Math.random).toBe(random);
});

test("rejects an async function", async () => {
  const f = owned(
    compile(async function rows(x: tf.Tensor1D) {
      return tf.booleanMaskAsync(x, tf.greater(x, 1));
    }),
  );
  await expect(f(owned(tf.tensor1d([1, 2])))).rejects.toThrow(
    "rows is async: it waits for values (data, array, whereAsync, booleanMaskAsync)",
  );
});

test("rejects an op whose shape depends on values", async () => {
  const f = owned(compile((x: tf.Tensor1D) => tf.unique(x).values));
  await expect(f(owned(tf.tensor1d([1, 1])))).rejects.toThrow(
    "The shape of UniqueV2's result depends on values, which a compiled function does not have while it is traced.",
  );
});
