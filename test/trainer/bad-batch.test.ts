import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { buildModel, readModelConfig } from "../../lib/model";
import { trainerSchema } from "../../lib/trainer/options";
import { findNonFinite } from "../../lib/trainer/step/non-finite";
import { TrainingStep } from "../../lib/trainer/step/step";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";
import { newFolder } from "../new-folder";
import { Sampled } from "./sampled";

const INPUT = { lags: 12, height: 21, width: 21, units: [3, 2], behaviors: 10 };

const warned: string[] = [];
beforeEach(() => {
  warned.length = 0;
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Trains a shipped model on batches of noise; in the fourth batch, infinite values are added to one entry. */
function withBadBatch(file: string, entry: "robs" | "stim"): BatchModule {
  const model = buildModel(readModelConfig(`configs/models/${file}`), INPUT, 0);
  const module = new BatchModule(model, randomBatches(INPUT, { batchSize: 4, count: 5 }));
  const serve = module.trainBatches.bind(module);
  let served = 0;
  module.trainBatches = function* (request) {
    for (const batch of serve(request))
      yield ++served === 4
        ? { ...batch, [entry]: tf.add(batch[entry] as tf.Tensor, tf.scalar(Number.POSITIVE_INFINITY)) }
        : batch;
  };
  return module;
}

test.each(["modulator-only.yaml", "vivit.yaml"])(
  "skips a bad batch and continues in a model with dropout: %s",
  async (file) => {
    const module = withBadBatch(file, "robs");
    const callbacks = [new ModelCheckpoint()];
    const run = await new Trainer({ dir: newFolder(), maxEpochs: 2, batchSize: 4, callbacks }).fit(module);
    expect(run.stopped).toBe("completed");
    expect(run.history).toHaveLength(2);
    expect(warned).toEqual([
      "session_0, session_1 was left out of a batch, because this is not finite: the loss of session_0, the loss of session_1 (1 so far)",
    ]);
    module.dispose();
  },
);

test("keeps running statistics unchanged in a bad batch", async () => {
  const module = withBadBatch("densenet.yaml", "stim");
  const callbacks = [new ModelCheckpoint()];
  const run = await new Trainer({ dir: newFolder(), maxEpochs: 1, batchSize: 4, callbacks }).fit(module);
  expect(run.stopped).toBe("completed");
  expect(module.state.length).toBeGreaterThan(0);
  for (const { name, variable } of module.state)
    expect([name, variable.dataSync().every((value) => Number.isFinite(value))]).toEqual([name, true]);
  expect(run.history[0]!.val_loss).toSatisfy(Number.isFinite);
  module.dispose();
});

test("reuses the step's random numbers when it searches for a bad gradient", async () => {
  const module = new Sampled("shuffled");
  const drawn: number[] = [];
  const loss = module.loss.bind(module);
  module.loss = (batch, rng) => {
    // The module is not compiled, so that values can be read.
    drawn.push(rng!.uniform([1], "hidden").dataSync()[0]!);
    const given = loss(batch, rng);
    return { ...given, loss: tf.mul(given.loss, Number.NaN) };
  };
  const step = new TrainingStep(module, trainerSchema.parse({ seed: 3 }), { compile: false });

  const used = { batch: { rows: Int32Array.of(1, 2) }, rates: { lr: 0.1, lambdas: [] }, number: 7 };
  await step.train(used.batch, used.rates, used.number);
  expect(await findNonFinite(module, step, used)).toEqual(["the gradient of core.weight"]);
  expect(drawn[1]).toBe(drawn[0]);
  step.dispose();
  module.dispose();
});
