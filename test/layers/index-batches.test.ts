import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { indexBatches } from "../../lib/layers/index-batches";
import type { Batches, TrainingModule } from "../../lib/protocols/module";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

const numbersOf = (batches: Batches) =>
  [...(batches as Iterable<{ index: Int32Array }>)].map(({ index }) => [...index]);

test("makes full training batches, shuffled in each pass, starting at any batch", () => {
  const { trainBatches, trainBatchCount } = indexBatches({ train: 23, validation: 7 });
  const request = { batchSize: 5, seed: 3, pass: 0 };
  const first = numbersOf(trainBatches(request));
  expect([first.length, trainBatchCount(5), new Set(first.flat()).size]).toEqual([4, 4, 20]);
  expect(Math.max(...first.flat())).toBeLessThan(23);
  expect(numbersOf(trainBatches({ ...request, from: 2 }))).toEqual(first.slice(2));
  expect(numbersOf(trainBatches({ ...request, pass: 1 }))).not.toEqual(first);
});

test("numbers validation and test samples after the training samples, without padding", () => {
  const { validationBatches, testBatches } = indexBatches({ train: 23, validation: 7, test: 3 });
  const request = { batchSize: 5, seed: 3, pass: 0 };
  expect(numbersOf(validationBatches!(request))).toEqual([
    [23, 24, 25, 26, 27],
    [28, 29],
  ]);
  expect(numbersOf(testBatches!(request))).toEqual([[30, 31, 32]]);
  const ranks = [0, 1].flatMap((rank) => numbersOf(validationBatches!({ ...request, rank, worldSize: 2 })));
  expect(ranks.flat().sort()).toEqual([23, 24, 25, 26, 27, 28, 29]);
});

test("validates the documented example on the validation samples with equal weights", async () => {
  const [train, validation] = [100, 36];
  const rows = train + validation;
  const x = tf.randomNormal([rows, 3], 0, 1, "float32", 1);
  const y = tf.matMul(x as tf.Tensor2D, tf.tensor2d([1, 2, 3], [3, 1]));
  const k = tf.variable(tf.zeros([3, 1]));
  const error = (index: tf.Tensor) =>
    tf.losses.meanSquaredError(
      tf.gather(y, index),
      tf.matMul(tf.gather(x, index) as tf.Tensor2D, k as tf.Tensor2D),
    );
  const module: TrainingModule = {
    ...indexBatches({ train, validation }),
    parameters: [{ name: "k", variable: k }],
    loss: ({ index }) => ({ loss: error(index!) as tf.Scalar }),
  };
  // 36 samples make two batches of 16 and one of 4.
  const { val_loss } = await new Trainer({ batchSize: 16 }).validate(module);
  const wanted = error(tf.range(train, rows, 1, "int32")).dataSync()[0]!;
  expect(val_loss).toBeCloseTo(wanted, 5);
  const trainer = new Trainer({ dir: newFolder(), batchSize: 16, maxEpochs: 2 });
  const run = await trainer.fit(module);
  expect(run.stopped).toBe("completed");
  expect(run.history.at(-1)!.val_loss).toBeCloseTo(
    error(tf.range(train, rows, 1, "int32")).dataSync()[0]!,
    5,
  );
});
