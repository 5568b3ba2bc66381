import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { arrayBatches } from "../../lib/layers/array-batches";
import { losses } from "../../lib/losses";
import { metrics } from "../../lib/metrics/measures";
import type { Metrics } from "../../lib/protocols/events";
import type { TracedBatch, TrainingModule } from "../../lib/protocols/module";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

/** A module whose output is its input, plus a weight that begins at 0. */
function identity(of: (output: tf.Tensor, y: tf.Tensor) => Record<string, never>): TrainingModule {
  const w = tf.variable(tf.scalar(0));
  return {
    parameters: [{ name: "w", variable: w, decay: false }],
    loss({ x, y }: TracedBatch) {
      const output = tf.add(x!, w);
      return { loss: losses.meanSquaredError(output, y!), metrics: of(output, y!) };
    },
    forward: ({ x }) => tf.add(x!, w),
  };
}
type Of = (output: tf.Tensor, y: tf.Tensor) => ReturnType<(typeof metrics)[keyof typeof metrics]>;

/** Returns the metric of a pass for each batch size; it must not depend on the size. */
async function scored(of: Of, x: number[] | number[][], y: number[] | number[][]): Promise<number> {
  const module = identity((output, target) => ({ score: of(output, target) }) as never);
  const found: Metrics[] = [];
  for (const batchSize of [1, 2, 3, 100]) {
    const data = arrayBatches({ x, y }, { test: { x, y } });
    found.push(await new Trainer({ batchSize }).test(module, data));
    data.dispose();
  }
  const [first, ...others] = found.map(({ test_score }) => test_score as number);
  for (const other of others)
    expect(other).toEqual(Number.isNaN(first) ? Number.NaN : expect.closeTo(first!, 5));
  return first!;
}

test.each<[string, Of, number[] | number[][], number[] | number[][], number]>([
  // The examples of scikit-learn's and SciPy's reference.
  ["auc", metrics.auc, [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75],
  ["auc with ties", metrics.auc, [1, 2, 2, 3, 2], [0, 0, 1, 1, 1], 5 / 6],
  ["r2", metrics.r2, [2.5, 0, 2, 8], [3, -0.5, 2, 7], 0.9486081370449679],
  ["r2 of several outputs", metrics.r2, [[0, 2], [-1, 2], [8, -5]], [[0.5, 1], [-1, 1], [7, -6]], 0.9368005266622779],
  ["r2 beside a large mean", metrics.r2, [10002.5, 10000, 10002, 10008], [10003, 9999.5, 10002, 10007], 0.9486081370449679],
  ["correlation", metrics.correlation, [1, 2, 3, 4, 5, 6, 7], [10, 9, 2.5, 6, 4, 3, 2], -0.828503883588428],
  ["rootMeanSquaredError", metrics.rootMeanSquaredError, [2.5, 0, 2, 8], [3, -0.5, 2, 7], Math.sqrt(0.375)],
  ["meanAbsoluteError", metrics.meanAbsoluteError, [2.5, 0, 2, 8], [3, -0.5, 2, 7], 0.5],
  ["accuracy", metrics.accuracy, [[2, 1], [0, 1], [5, 6]], [0, 0, 1], 2 / 3],
  ["binaryAccuracy", metrics.binaryAccuracy, [-1, 2, 3, -4, 5], [0, 1, 0, 1, 1], 3 / 5],
] as const)("%s is computed over all samples, whatever the batch size", async (name, of, x, y, wanted) => {
  // The loss of this module needs targets of the output's shape.
  if (name === "accuracy") {
    const oneHot = [[1, 0], [1, 0], [0, 1]]; // biome-ignore format: one matrix
    expect(await scored(of, x, oneHot)).toBeCloseTo(wanted, 6);
    return;
  }
  expect(await scored(of, x, y)).toBeCloseTo(wanted, 4);
}); // biome-ignore format: one case a line

test("an undefined score is NaN", async () => {
  expect(await scored(metrics.auc, [1, 2, 3], [1, 1, 1])).toBeNaN();
  expect(await scored(metrics.r2, [1, 2, 3], [1, 1, 1])).toBeNaN();
  expect(await scored(metrics.correlation, [1, 1, 1], [1, 2, 3])).toBeNaN();
});

test("reports metrics in training, validation and test", async () => {
  const x = Array.from({ length: 20 }, (_, i) => i);
  const y = x.map((value) => 2 * value + 3);
  const module = identity((output, target) => ({ r: metrics.correlation(output, target) }) as never);
  const steps: Metrics[] = [];
  const trainer = new Trainer({
    dir: newFolder(),
    batchSize: 8,
    maxEpochs: 1,
    optimizer: { lr: 1e-6 },
    callbacks: [{ observe: (event) => void (event.event === "step" && steps.push({ ...event } as never)) }],
  });
  const data = arrayBatches({ x, y }, { validation: 5, test: 5 });
  const run = await trainer.fit(module, data);
  expect(run.history[0]!.val_r).toBeCloseTo(1, 5);
  expect(steps.at(-1)!.train_r).toBeCloseTo(1, 5);
  expect(await trainer.test(module, data)).toEqual({
    test_loss: expect.any(Number),
    test_r: expect.closeTo(1, 5),
  });
});

test("predicts arrays as one tensor in their order, and batches as one tensor each", async () => {
  const module = identity(() => ({}));
  const trainer = new Trainer({ batchSize: 3 });
  const x = [1, 2, 3, 4, 5, 6, 7];
  expect((await trainer.predict(module, { x })).arraySync()).toEqual(x);
  const each = await trainer.predict(module, [{ x: [1, 2] }, { x: [3] }]);
  expect(each.map((tensor) => tensor.arraySync())).toEqual([[1, 2], [3]]);
  await expect(trainer.predict(module, { x, y: [1] })).rejects.toThrow(
    "Trainer.predict: every array needs the same number of samples, one or more; found: x 7, y 1",
  );
  await expect(trainer.test(module, arrayBatches({ x, y: x }))).rejects.toThrow(
    "Trainer: the module has no `testBatches`; add it",
  );
});
