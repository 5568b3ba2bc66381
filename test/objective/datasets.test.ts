import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { poissonLoss } from "../../lib/objective";

test("a session whose loss is not finite is left out of the mean, but shown", () => {
  const result = tf.tidy(() =>
    poissonLoss(
      {
        // The second session's sample went wrong for all units: what the core does to it.
        rate: tf.tensor2d([[1, 1, 0.5], [Number.NaN, Number.NaN, Number.NaN]]), // biome-ignore format: rows
        robs: tf.tensor2d([[0, 1, 0], [0, 1, 0]]), // biome-ignore format: rows
        mask: tf.tensor2d([[1, 0, 0], [0, 1, 0]]), // biome-ignore format: rows
        unitDataset: Int32Array.of(0, 1, 2),
      },
      { logRate: false },
    ),
  );
  expect(result.loss.dataSync()[0]).toBe(1);
  expect(Array.from(result.datasetLoss.dataSync())).toEqual([1, Number.NaN, 0]);
  expect(Array.from(result.present.dataSync())).toEqual([1, 1, 0]);
  expect(Array.from(result.weight.dataSync())).toEqual([1, 1, 0]);
  tf.dispose(result);
});

test("every session weighs the same, however many samples and units it has", () => {
  const result = tf.tidy(() =>
    poissonLoss(
      {
        rate: tf.tensor2d([[1, 1, 5], [1, 1, 5], [1, 1, 5]]), // biome-ignore format: rows
        robs: tf.zeros([3, 3]),
        mask: tf.tensor2d([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), // biome-ignore format: rows
        unitDataset: Int32Array.of(0, 0, 1),
      },
      { logRate: false },
    ),
  );
  expect(result.loss.dataSync()[0]).toBe(3);
  tf.dispose(result);
});
