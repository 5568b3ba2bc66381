import { expect, test } from "vitest";
import { compile, memory, tf } from "../../lib/engine";
import { owned } from "./owned";

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.05, 0.9),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
  rmsprop: () => tf.train.rmsprop(0.05),
  "rmsprop, centred": () => tf.train.rmsprop(0.05, 0.9, 0.1, 1e-8, true),
  adagrad: () => tf.train.adagrad(0.5),
  adadelta: () => tf.train.adadelta(0.1),
};

const x = () => owned(tf.randomNormal([64, 3], 0, 1, "float32", 1)) as tf.Tensor2D;

/** Losses of a linear regression; the optimizer makes its variables at the first step, inside the compiled function. */
async function train(make: () => tf.Optimizer, options: { compile: boolean }): Promise<number[]> {
  const inputs = x();
  const targets = owned(tf.tidy(() => tf.matMul(inputs, tf.tensor2d([1, -2, 0.5], [3, 1]))));
  const w = owned(tf.variable(tf.zeros([3, 1]))) as tf.Variable<tf.Rank.R2>;
  const optimizer = owned(make());
  const step = owned(
    compile((x: tf.Tensor2D, y: tf.Tensor) => {
      const loss = () => tf.mean(tf.square(tf.sub(tf.matMul(x, w), y))) as tf.Scalar;
      return optimizer.minimize(loss, true, [w])!;
    }, options),
  );
  const losses: number[] = [];
  for (let i = 0; i < 15; i++) losses.push(owned(await step(inputs, targets)).dataSync()[0]!);
  return losses;
}

test.each(Object.entries(OPTIMIZERS))(
  "tf.train.%s minimizes inside a compiled function as it does eagerly",
  async (_name, make) => {
    const compiled = await train(make, { compile: true });
    const eager = await train(make, { compile: false });
    for (const [i, loss] of compiled.entries())
      expect(Math.abs(loss - eager[i]!)).toBeLessThan(1e-6 * eager[i]!);
    expect(compiled.at(-1)).toBeLessThan(compiled[0]!);
  },
);

test("initializes a variable made inside from the arguments of the first call", async () => {
  let sum: tf.Variable | undefined;
  const f = owned(
    compile((x: tf.Tensor, by: tf.Scalar) => {
      sum ??= tf.variable(tf.mul(x, by), false);
      sum.assign(tf.add(sum, x));
      return tf.clone(sum);
    }),
  );
  const ones = owned(tf.ones([2]));
  expect(Array.from(owned(await f(ones, 10)).dataSync())).toEqual([11, 11]);
  expect(Array.from(owned(await f(ones, 20)).dataSync())).toEqual([12, 12]);
  expect(Array.from(owned(sum!).dataSync())).toEqual([12, 12]);
});

test("rejects and removes a variable that is made at each call", async () => {
  const before = memory().tensors;
  const ones = tf.ones([2]);
  const f = owned(
    compile(function noisy(x: tf.Tensor) {
      return tf.add(x, tf.variable(tf.zeros([2]), true, "z"));
    }),
  );
  await expect(f(ones)).rejects.toThrow(
    "noisy creates a variable (z): create it before and only assign to it. Only variables that are made once and then " +
      "kept, like an optimizer's, may be created inside.",
  );
  expect(tf.engine().registeredVariables.z).toBeUndefined();
  ones.dispose();
  expect(memory().tensors).toBe(before);
});

test("keeps a function usable that fails after an optimizer made its variables", async () => {
  const w = owned(tf.variable(tf.scalar(3)));
  const optimizer = owned(tf.train.adam(0.1));
  let broken = true;
  const step = owned(
    compile(() => {
      const loss = optimizer.minimize(() => tf.square(w) as tf.Scalar, true, [w])!;
      if (broken) throw new Error("mine");
      return loss;
    }),
  );
  await expect(step()).rejects.toThrow("mine");
  expect(w.dataSync()[0]).toBe(3);
  broken = false;
  expect(owned(await step()).dataSync()[0]).toBe(9);
  expect(w.dataSync()[0]).toBeCloseTo(2.9, 5);
});
