import { afterEach, beforeEach, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { arrayBatches } from "../../lib/layers/array-batches";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled } from "./sampled";

let module: Sampled;
let trainer: Trainer;
beforeEach(() => {
  module = new Sampled("shuffled");
  trainer = new Trainer({ dir: newFolder(), batchSize: 4, optimizer: { lr: 0.1 } });
});
afterEach(() => {
  module.dispose();
});

test("uses the first and the last rate for two steps each", async () => {
  const { rates, losses } = await trainer.findLearningRate(module, { from: 1e-3, to: 1e-2, steps: 2 });
  expect(rates).toEqual([1e-3, 1e-2]);
  expect(losses.every(Number.isFinite)).toBe(true);
});

test("rejects an invalid range of learning rates", async () => {
  await expect(trainer.findLearningRate(module, { steps: 1 })).rejects.toThrow(
    /^findLearningRate: steps: must be at least 2: the first rate and the last one; found 1$/,
  );
  await expect(trainer.findLearningRate(module, { from: 0.1, to: 0.1 })).rejects.toThrow(
    /^findLearningRate: to: must be above `from`; found 0.1$/,
  );
  for (const range of [{ from: 0 }, { to: -1 }, { from: Number.NaN }, { steps: 2.5 }, { step: 10 }])
    await expect(trainer.findLearningRate(module, range as never)).rejects.toThrow(/^findLearningRate:/);
});

test("rejects an invalid range of batch sizes, and data smaller than the first size", async () => {
  await expect(trainer.findBatchSize(module, { from: 8, to: 4 })).rejects.toThrow(
    /^findBatchSize: to: must not be below `from`; found 4$/,
  );
  await expect(trainer.findBatchSize(module, { from: 64 })).rejects.toThrow(
    /^findBatchSize: from: the data serves no batch of 64; give a smaller one$/,
  );
  for (const range of [{ from: 0 }, { to: 0 }, { from: 2.5 }, { from: Number.NaN }])
    await expect(trainer.findBatchSize(module, range)).rejects.toThrow(/^findBatchSize:/);
});

test("searches with the given batches instead of the module's", async () => {
  const source = new Sampled("shuffled");
  const bare = { parameters: module.parameters, loss: module.loss.bind(module) };
  expect(await trainer.findBatchSize(bare, { from: 5 }, source)).toBe(40);
  expect((await trainer.findLearningRate(bare, { steps: 3 }, source)).rates).toHaveLength(3);
  source.dispose();
});

test("finds a largest batch that the data fills, although a shorter one can be served", async () => {
  const w = tf.variable(tf.scalar(1));
  const squares = {
    parameters: [{ name: "w", variable: w }],
    loss: ({ x }: Record<string, tf.Tensor>) => ({ loss: tf.square(tf.mul(x!, w)) as tf.Tensor1D }),
  };
  const data = arrayBatches({ x: Float32Array.from({ length: 11 }, (_, i) => i) });
  expect(await trainer.findBatchSize(squares, { from: 2 }, data)).toBe(8);
  tf.dispose(w);
  data.dispose();
});
