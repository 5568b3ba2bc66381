import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import type { Batch, BatchSource, TrainingModule } from "../../lib/protocols/module";
import { toTensors } from "../../lib/trainer/step/to-tensors";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

test.each<[string, Batch[string], string, number[], number[]]>([
  ["Float32Array", Float32Array.of(0.5, -1.5), "float32", [2], [0.5, -1.5]],
  ["Float64Array", Float64Array.of(0.25, 3), "float32", [2], [0.25, 3]],
  ["Int32Array", Int32Array.of(-7, 8), "int32", [2], [-7, 8]],
  ["Uint8Array", Uint8Array.of(0, 255), "int32", [2], [0, 255]],
  ["Int16Array", Int16Array.of(-300, 300), "int32", [2], [-300, 300]],
  ["BigInt64Array", BigInt64Array.of(5n, -6n), "int32", [2], [5, -6]],
  ["numbers", [0.5, 2], "float32", [2], [0.5, 2]],
  ["booleans", [true, false], "bool", [2], [1, 0]],
  ["nested numbers", [[1, 2.5], [3, 4], [5, 6]], "float32", [3, 2], [1, 2.5, 3, 4, 5, 6]], // biome-ignore format: one array
  [
    "nested typed arrays",
    [Float32Array.of(1, 2), Float32Array.of(0.5, 4)],
    "float32",
    [2, 2],
    [1, 2, 0.5, 4],
  ],
])("a batch keeps the type and shape of its %s", (_, values, dtype, shape, wanted) => {
  const { tensors, made } = toTensors({ x: values });
  expect([tensors.x!.dtype, tensors.x!.shape]).toEqual([dtype, shape]);
  expect([...tensors.x!.dataSync()]).toEqual(wanted);
  tf.dispose(made);
});

test.each<[Batch[string], string]>([
  [[[1, 2], [3]], "[1] is an array of 1, and the first one is an array of 2"],
  [[[1, 2], 3], "[1] is 3, and the first one is an array of 2"],
  [[1, [2]], "[1] is an array of 1, and the first one is 1"],
  [[[1, 2], [3, undefined as never]], "[1][1] is undefined, and the first one is 1"],
  [Uint32Array.of(1, 3_000_000_000), "3000000000 does not fit into int32; give a Float32Array or smaller numbers"],
])("rejects an irregular array and names the position: %j", (values, message) => {
  expect(() => toTensors({ x: values })).toThrow(`data: batch.x: ${message}`);
}); // biome-ignore format: one case a line

/**
 * A module whose loss is the mean square of `x` times a weight: the mean over the batch or, with `each`, one number for
 * each sample.
 */
function squares({ each = false, extra = {} }: { each?: boolean; extra?: Partial<TrainingModule> } = {}) {
  const w = tf.variable(tf.scalar(1));
  const module: TrainingModule = {
    parameters: [{ name: "w", variable: w, decay: false }],
    loss: ({ x }) => {
      const all = tf.square(tf.mul(tf.cast(x!, "float32"), w)) as tf.Tensor1D;
      const right = tf.cast(tf.less(x!, 5), "float32") as tf.Tensor1D;
      return each
        ? { loss: all, metrics: { small: right } }
        : { loss: tf.mean<tf.Scalar>(all), metrics: { small: tf.mean<tf.Scalar>(right) } };
    },
    ...extra,
  };
  return { module, w };
}

const source = (batches: readonly Batch[]): BatchSource => ({
  trainBatchCount: () => batches.length,
  trainBatches: () => batches,
  validationBatches: () => batches,
});
const SHORT_LAST = [
  { x: Int32Array.of(0, 0, 0, 0) },
  { x: Int32Array.of(0, 0, 0, 0) },
  { x: Int32Array.of(9) },
];

test.each([false, true])("averages a validation over samples, including a short last batch", async (each) => {
  const { module } = squares({ each });
  const found = await new Trainer({ batchSize: 4 }).validate(module, source(SHORT_LAST));
  expect(found).toEqual({ val_loss: 9, val_small: expect.closeTo(8 / 9, 6) });
});

test("averages the training loss of an epoch over samples", async () => {
  const { module, w } = squares();
  const reported: number[] = [];
  const trainer = new Trainer({
    dir: newFolder(),
    batchSize: 4,
    maxEpochs: 1,
    optimizer: { lr: 1e-12 },
    callbacks: [{ observe: (event) => void (event.event === "step" && reported.push(event.train_loss)) }],
  });
  const run = await trainer.fit(module, source(SHORT_LAST));
  expect(run.history[0]!.train_loss).toBeCloseTo(9, 5);
  expect(w.dataSync()[0]).toBeCloseTo(1, 6);
});

test("weights a padded batch by its number of samples", async () => {
  const { module } = squares();
  const padded: TrainingModule = {
    ...module,
    loss: ({ x, mask }) => {
      const there = tf.cast(mask!, "float32");
      const samples = tf.sum<tf.Scalar>(there);
      return { loss: tf.div(tf.sum(tf.mul(tf.square(tf.cast(x!, "float32")), there)), samples), samples };
    },
  };
  const batches = [
    { x: Int32Array.of(0, 0, 0, 0), mask: [true, true, true, true] },
    { x: Int32Array.of(10, 7, 7, 7), mask: [true, false, false, false] },
  ];
  expect(await new Trainer().validate(padded, source(batches))).toEqual({ val_loss: 20 });
});

test("rejects a mean over entries that disagree about the number of samples", async () => {
  const { module } = squares();
  const batches = [{ x: Int32Array.of(1, 2), table: Float32Array.of(1, 2, 3) }];
  await expect(new Trainer().validate(module, source(batches))).rejects.toThrow(
    "Trainer: loss: the entries of the batch have different numbers of rows (x 2, table 3), so the number of samples is not " +
      "known; return it as `samples` beside the loss, or a loss for each sample, [B]",
  );
});

test("trains a module with private fields on given batches, and passes the module itself to callbacks", async () => {
  class Private implements TrainingModule {
    readonly #w = tf.variable(tf.scalar(3));
    get parameters() {
      return [{ name: "w", variable: this.#w, decay: false }];
    }
    loss({ x }: Readonly<Record<string, tf.Tensor>>) {
      return { loss: tf.mean<tf.Scalar>(tf.square(tf.mul(tf.cast(x!, "float32"), this.#w))) };
    }
  }
  class Squares {
    readonly #batches = SHORT_LAST;
    trainBatchCount() {
      return this.#batches.length;
    }
    *trainBatches() {
      yield* this.#batches;
    }
    validationBatches() {
      return this.#batches;
    }
  }
  const module = new Private();
  const seen: unknown[] = [];
  const callbacks = [{ onFitStart: (context: { module: TrainingModule }) => void seen.push(context.module) }];
  const trainer = new Trainer({ dir: newFolder(), batchSize: 4, maxEpochs: 1, callbacks });
  const run = await trainer.fit(module, new Squares());
  expect(run.stopped).toBe("completed");
  expect(seen[0]).toBe(module);
  expect(await trainer.validate(module, new Squares())).toEqual({ val_loss: expect.any(Number) });
});
