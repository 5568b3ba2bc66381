import { expect, test } from "vitest";
import { tf } from "../../../lib/engine";
import { poissonLoss } from "../../../lib/losses/counts";
import { lossParts } from "../../../lib/losses/parts";

test("leaves a session with a non-finite loss out of the mean, and still reports it", () => {
  const result = tf.tidy(() =>
    poissonLoss(
      {
        // The second session's sample is non-finite for all units, as a fault in the core would make it.
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

test("weights every session equally, whatever its number of samples and units", () => {
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

test("keeps non-finite or masked counts out of the gradients of other sessions", () => {
  const gradient = (robs: number[][], lossName: "poisson" | "zero_inflated_poisson") =>
    tf.tidy(() => {
      const inputs = {
        robs: tf.tensor2d(robs),
        mask: tf.tensor2d([[1, 0, 0], [0, 1, 1]]), // biome-ignore format: rows
        unitDataset: Int32Array.of(0, 1, 1),
        silent: tf.fill([1, 3], 0.2) as tf.Tensor2D,
      };
      const loss = (x: tf.Tensor) =>
        lossParts[lossName]!.loss(
          { ...inputs, rate: tf.softplus(tf.mul(tf.ones([2, 3]), x)) as tf.Tensor2D },
          { logRate: false },
        ).loss;
      return tf
        .grad(loss)(tf.tensor2d([[2, 2, 2]]))
        .arraySync() as number[][];
    });
  for (const name of ["poisson", "zero_inflated_poisson"] as const) {
    const sound = gradient([[1, 0, 0], [0, 1, 1]], name); // biome-ignore format: rows
    const masked = gradient([[1, Number.NaN, 0], [Number.NaN, 1, 1]], name); // biome-ignore format: rows
    expect(masked).toEqual(sound);
    const [broken] = gradient([[1, 0, 0], [0, Number.POSITIVE_INFINITY, 1]], name); // biome-ignore format: rows
    // The only remaining session has the full weight.
    expect(broken![0]).toBeCloseTo(2 * sound[0]![0]!, 6);
    expect(broken!.slice(1)).toEqual([0, 0]);
  }
});

test("takes the sessions of samples in place of those of units, and ignores padding samples", () => {
  const values = {
    rate: [[1, 5, 9], [2, 3, 9], [4, 9, 9], [9, 9, 9]], // biome-ignore format: rows
    robs: [[0, 1, 9], [2, 0, 9], [1, 9, 9], [9, 9, 9]], // biome-ignore format: rows
    mask: [[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]], // biome-ignore format: rows
  };
  const result = tf.tidy(() => {
    const { rate, robs, mask } = values;
    return poissonLoss(
      {
        rate: tf.tensor2d(rate),
        robs: tf.tensor2d(robs),
        mask: tf.tensor2d(mask),
        dataset: tf.tensor1d([2, 0, 2, -1], "int32"),
        sessions: 3,
      },
      { logRate: false },
    );
  });
  const loss = (rate: number, count: number) => rate - count * Math.log(rate);
  const each = [loss(2, 2), 0, (loss(1, 0) + loss(5, 1) + loss(4, 1)) / 3];
  Array.from(result.datasetLoss.dataSync()).forEach((value, session) => {
    expect(value).toBeCloseTo(each[session]!, 5);
  });
  expect(result.loss.dataSync()[0]).toBeCloseTo((each[0]! + each[2]!) / 2, 5);
  expect(Array.from(result.present.dataSync())).toEqual([1, 0, 1]);
  expect(Array.from(result.weight.dataSync())).toEqual([1, 0, 3]);
  tf.dispose(result);
});
