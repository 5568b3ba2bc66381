import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { type ArrayBatches, arrayBatches } from "../../lib/layers/array-batches";
import type { Batches } from "../../lib/protocols/module";

const REQUEST = { batchSize: 4, seed: 1, pass: 0 };

/** Returns the values of `x` in each batch. */
function seen(batches: Batches | undefined): number[][] {
  const values: number[][] = [];
  for (const { x } of (batches ?? []) as Iterable<{ x: tf.Tensor }>) values.push([...x.dataSync()]);
  return values;
}
const ten = () =>
  arrayBatches(
    { x: Float32Array.from({ length: 10 }, (_, i) => i + 0.5), y: new Int32Array(10) },
    { validation: 0.2, test: 1 },
  );

test("puts every sample into one split and reorders the training samples in each pass", () => {
  const data = ten();
  expect(data.count).toEqual({ train: 7, validation: 2, test: 1 });
  const first = seen(data.trainBatches(REQUEST));
  expect(first.map((batch) => batch.length)).toEqual([4, 3]);
  expect([data.trainBatchCount(4), data.trainBatchCount(8), data.trainBatchCount(3, 2)]).toEqual([2, 1, 1]);
  const parts = [first, seen(data.validationBatches!(REQUEST)), seen(data.testBatches!(REQUEST))].flat(2);
  expect(parts.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i + 0.5));
  const second = seen(data.trainBatches({ ...REQUEST, pass: 1 }));
  expect(second).not.toEqual(first);
  expect(second.flat().sort()).toEqual(first.flat().sort());
  expect(seen(data.trainBatches({ ...REQUEST, from: 1 }))).toEqual(first.slice(1));
  data.dispose();
});

test("keeps the split for another trainer's seed, and changes it for another seed of the split", () => {
  const x = { x: Float32Array.from({ length: 40 }, (_, i) => i) };
  const validation = (data: ArrayBatches, seed = 1) =>
    seen(data.validationBatches!({ ...REQUEST, seed })).flat();
  const own = validation(arrayBatches(x, { validation: 10 }));
  expect(validation(arrayBatches(x, { validation: 10 }), 2)).toEqual(own);
  expect(validation(arrayBatches(x, { validation: 10, seed: 1 }))).not.toEqual(own);
});

test("keeps the samples in order without shuffling, with the last ones as the test split", () => {
  const x = Float32Array.from({ length: 9 }, (_, i) => i);
  const data = arrayBatches({ x }, { validation: 2, test: 3, shuffle: false, dropLast: true });
  expect(seen(data.trainBatches({ ...REQUEST, batchSize: 3 }))).toEqual([[0, 1, 2]]);
  expect(data.trainBatchCount(3)).toBe(1);
  expect(seen(data.validationBatches!(REQUEST))).toEqual([[4, 5]]);
  expect(seen(data.testBatches!(REQUEST))).toEqual([[6, 7, 8]]);
});

test("gives processes batches of the same sizes, which together contain each sample once", () => {
  const data = ten();
  const ranks = [0, 1].map((rank) =>
    seen(data.trainBatches({ ...REQUEST, batchSize: 2, rank, worldSize: 2 })),
  );
  expect(ranks.map((batches) => batches.map((batch) => batch.length))).toEqual([
    [2, 1],
    [2, 1],
  ]);
  expect(new Set(ranks.flat(2)).size).toBe(6);
});

test("keeps types and shapes of tensors, nested and typed arrays, and disposes batches but not given tensors", () => {
  const image = tf.randomUniform([6, 2, 2, 1]);
  const before = tf.memory().numTensors;
  const data = arrayBatches({ image, x: [[1.5, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]], y: new Uint8Array(6), ok: [true, false, true, true, false, true] }, { validation: { image, x: image.reshape([6, 4]).slice([0, 0], [6, 2]), y: tf.zeros([6], "int32"), ok: tf.zeros([6], "bool") } }); // biome-ignore format: one call
  for (const batch of data.trainBatches(REQUEST) as Iterable<Record<string, tf.Tensor>>) {
    const described = Object.entries(batch).map(([name, { dtype, shape }]) => [name, dtype, shape.slice(1)]);
    expect(described).toEqual([
      ["image", "float32", [2, 2, 1]],
      ["x", "float32", [2]],
      ["y", "int32", []],
      ["ok", "bool", []],
    ]);
  }
  const test = data.part("validation");
  expect([data.count.validation, test.x!.shape]).toEqual([6, [6, 2]]);
  tf.dispose(test);
  data.dispose();
  // The validation's own tensors: a reshape, its slice, zeros of two types.
  expect(tf.memory().numTensors - before).toBe(4);
  expect(image.isDisposed).toBe(false);
});

test.each<[string, () => unknown, string]>([
  ["arrays of unequal lengths", () => arrayBatches({ x: new Float32Array(12), y: new Int32Array(6) }),
    "arrayBatches: y: has 6 rows and x has 12; every array has a row for each sample (several numbers of a sample are a nested " +
      "array, or a tensor: tf.tensor2d(values, [samples, numbers]))"],
  ["no arrays", () => arrayBatches({}), "arrayBatches: no arrays were given; give some, such as { x, y }"],
  ["an array without samples", () => arrayBatches({ x: [] }), "arrayBatches: x: has no samples; its first axis counts them"],
  ["parts that leave nothing to train on", () => arrayBatches({ x: [1, 2, 3] }, { validation: 2, test: 0.4 }),
    "arrayBatches: validation: 2 samples to validate and 1 to test leave none of 3 to train on; make them smaller"],
  ["a share above 1", () => arrayBatches({ x: [1, 2, 3] }, { validation: 1.5 }),
    "arrayBatches: validation: 1.5 is neither a share from 0 to below 1 nor a whole number of samples"],
  ["a part with other entries", () => arrayBatches({ x: [1, 2], y: [1, 2] }, { test: { x: [[1, 2]], y: [1] } }),
    "arrayBatches: test: has other entries than the training samples: x float32 [N, 2]; y float32 [N, ]; needed: x float32 [N, " +
      "]; y float32 [N, ]"],
])("rejects %s", (_, make, message) => {
  expect(make).toThrow(message);
}); // biome-ignore format: one case a line
