import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { buildModel, type ModelInput } from "../../lib/model";
import type { Callback } from "../../lib/protocols/callback";
import { readEvents } from "../../lib/protocols/events";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";
import { small } from "../model/configs";
import { newFolder } from "../new-folder";

const INPUT: ModelInput = { lags: 6, height: 11, width: 11, units: [3, 2] };

/** Trains two steps, and returns the module's penalty before each step with the results and the step events. */
async function reports(regularization: readonly object[]) {
  const model = buildModel(small({ regularization }), INPUT, 3);
  const module = new BatchModule(model, randomBatches(INPUT, { batchSize: 6, count: 2 }));
  const features = [0, 1].map((session) => model.variable(`readouts.${session}.features.weight`));
  const penalties: number[] = [];
  const results: { loss: number; penalty: number }[] = [];
  const watch: Callback = {
    onTrainBatchStart: () => {
      const squares = features.map((weight) => tf.tidy(() => tf.sum(tf.square(weight)).dataSync()[0]!));
      penalties.push(0.5 * squares.reduce((a, b) => a + b, 0));
    },
    onTrainBatchEnd: (_, result) => void results.push(result),
  };
  const options = { dir: newFolder(), maxEpochs: 1, stepsPerEpoch: 2, limitValBatches: 0 };
  const run = await new Trainer({ ...options, callbacks: [watch] }).fit(module);
  const events = [...readEvents(`${run.folder}/events.jsonl`)].filter(({ event }) => event === "step");
  module.dispose();
  return { penalties, results, events };
}

test("reports the regularizers' penalty beside the loss, which leaves it out", async () => {
  const l2 = { name: "decay", type: "l2", lambda: 0.5, apply_to: ["readouts/features"] };
  const { penalties, results, events } = await reports([l2]);
  const plain = await reports([]);
  expect(results.map(({ penalty }) => penalty)).toEqual(
    penalties.map((penalty) => expect.closeTo(penalty, 5)),
  );
  expect(penalties[0]).toBeGreaterThan(0.01);
  expect(events[0]).toMatchObject({ penalty: expect.closeTo(penalties[0]!, 5) });
  expect(results[0]!.loss).toBe(plain.results[0]!.loss);
  expect(plain.results.map(({ penalty }) => penalty)).toEqual([0, 0]);
  expect(plain.events[0]).not.toHaveProperty("penalty");
});

test("reports the training loss of each session; their mean is the loss", async () => {
  const { events, results } = await reports([]);
  const first = events[0] as unknown as Record<string, number>;
  const [a, b] = [first["train_loss/session_0"]!, first["train_loss/session_1"]!];
  expect(a).not.toBeCloseTo(b, 5);
  expect((a + b) / 2).toBeCloseTo(first.train_loss!, 6);
  expect(first.train_loss).toBeCloseTo(results[0]!.loss, 6);
});

test("reports the validation loss of each session and subject", () => {
  const model = buildModel(small(), { ...INPUT, units: [1, 1, 1] }, 3);
  const module = new BatchModule(model, []);
  // Rows: the sums of counts times log rates, of rates, of counts, and of valid bins.
  const sums = Float64Array.from([1, 2, 3, 4, 5, 6, 9, 9, 9, 2, 2, 4]);
  const metrics = module.validationMetrics(sums);
  expect(metrics).toMatchObject({
    val_loss: 9 / 8,
    "val_loss/session_0": 3 / 2,
    "val_loss/session_1": 3 / 2,
    "val_loss/session_2": 3 / 4,
    "val_loss/session": 9 / 8,
  });
  module.dispose();
});
