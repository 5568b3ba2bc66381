import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { buildModel, parseModelConfig } from "../../lib/model";
import type { Callback } from "../../lib/protocols/callback";
import type { BatchRequest } from "../../lib/protocols/module";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";
import { newFolder } from "../new-folder";

const INPUT = { lags: 4, height: 9, width: 9, units: [3, 2] };
const block = {
  conv_params: { type: "standard", kernel_size: [1, 3, 3], padding: [0, 0, 0] },
  norm_type: "none",
  act_type: "relu",
  pool_params: null,
};
const config = {
  model_type: "v1multi",
  frontend: {
    type: "learnable_temporal",
    params: { kernel_size: 4, num_channels: 2, causal: true, bias: false },
  },
  convnet: { type: "cnn", params: { channels: [3], block_configs: [block] } },
  readout: { type: "gaussian", params: { bias: true } },
  output_activation: "softplus",
};
const options = { batchSize: 8, maxEpochs: 6, optimizer: { lr: 1e-3 } };

let dir: string;
const warned: string[] = [];
beforeEach(() => {
  dir = newFolder();
  warned.length = 0;
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const twin = () => {
  const model = buildModel(parseModelConfig(config, "test"), INPUT, 0);
  return { model, module: new BatchModule(model, randomBatches(INPUT, { batchSize: 8, count: 5 })) };
};
const whenStep = (step: number, act: () => void): Callback => ({
  onTrainBatchStart: (context) => {
    if (context.step === step) act();
  },
});

test("NaN in the movie of one session ends the run as diverged, names session and layer, and keeps the good checkpoint", async () => {
  const { module } = twin();
  let broken = false;
  const serve = module.trainBatches.bind(module);
  module.trainBatches = function* (request) {
    for (const batch of serve(request)) {
      const [stim, dataset] = [batch.stim as tf.Tensor, batch.dataset as tf.Tensor1D];
      const second = tf.reshape(tf.equal(dataset, 1), [-1, 1, 1, 1, 1]);
      const nan = tf.where(second, tf.fill(stim.shape, Number.NaN), stim);
      yield broken ? { ...batch, stim: nan } : batch;
    }
  };
  const callbacks = [
    new ModelCheckpoint(),
    whenStep(10, () => {
      broken = true;
    }),
  ];
  const run = await new Trainer({ ...options, dir, callbacks }).fit(module);
  expect(run.stopped).toBe("diverged");
  expect(warned[0]).toBe(
    "a batch was skipped, because this is not finite: the loss of session_1, the gradient of frontend.temporal_conv.weight (1 so far)",
  );
  expect(warned.at(-1)).toMatch(
    /^diverged: 10 batches in a row could not be used, .* session_1, the gradient of /,
  );
  run.load("last");
  for (const { variable } of module.parameters)
    expect(variable.dataSync().every((value) => Number.isFinite(value))).toBe(true);
  module.dispose();
});

test("NaN in a weight is reported with its layer and overwrites no checkpoint", async () => {
  const { module } = twin();
  const kernel = module.parameters.find(({ name }) => name.startsWith("convnet") && /weight/.test(name))!;
  const poison = whenStep(10, () =>
    kernel.variable.assign(tf.fill(kernel.variable.shape, Number.NaN) as never),
  );
  const run = await new Trainer({ ...options, dir, callbacks: [new ModelCheckpoint(), poison] }).fit(module);
  expect(run.stopped).toBe("diverged");
  expect(warned.at(-1)).toContain(`the weight ${kernel.name}`);
  run.load("last");
  expect(kernel.variable.dataSync().every((value) => Number.isFinite(value))).toBe(true);
  module.dispose();
});

test("an interrupt with NaN in a weight keeps the last good checkpoint and reports the reason", async () => {
  const { module } = twin();
  const { variable, name } = module.parameters[0]!;
  const poison: Callback = {
    onTrainBatchStart: (context) => {
      if (context.step !== 10) return;
      variable.assign(tf.fill(variable.shape, Number.NaN) as never);
      context.stop("interrupted");
    },
  };
  const run = await new Trainer({ ...options, dir, callbacks: [new ModelCheckpoint(), poison] }).fit(module);
  expect(run.stopped).toBe("interrupted");
  expect(warned.join("\n")).toContain(`${name}: holds NaN at 0`);
  run.load("last");
  expect(Number.isFinite(variable.dataSync()[0])).toBe(true);
  module.dispose();
});

/**
 * Breaks the counts of session 1 (two units) in batches for which `breaks` returns true; `has` selects the batches with
 * the session.
 */
function breaking(module: BatchModule, breaks: (batch: number) => boolean, has = (_batch: number) => true) {
  const serve = module.trainBatches.bind(module);
  const units = tf.tensor2d([[1, 1, 0]], [1, 3], "bool");
  module.trainBatches = function* (request: Partial<BatchRequest> = {}) {
    const { pass, from = 0 } = request;
    let number = (pass ?? 0) * 5 + from;
    for (const batch of serve(request)) {
      // A validation request names no pass, and its batches are intact.
      const [robs, mask, dataset] = [batch.robs, batch.mask, batch.dataset] as tf.Tensor[];
      const isOne = tf.expandDims(tf.equal(dataset!, 1), 1);
      const infinite = tf.where(tf.logicalAnd(isOne, units), Number.POSITIVE_INFINITY, robs!);
      const there = pass === undefined || has(number);
      const broken = pass !== undefined && there && breaks(number);
      number++;
      yield {
        ...batch,
        robs: broken ? infinite : robs!,
        mask: there ? mask! : tf.where(isOne, 0, mask!),
      };
    }
  };
}

test("a session that is bad in some batches is left out of them, reported and counted, and does not end the run", async () => {
  const { module } = twin();
  breaking(module, (number) => number % 2 === 1);
  const taken: number[] = [];
  const look: Callback = { onTrainBatchEnd: (_, { finite }) => void taken.push(Number(finite)) };
  const run = await new Trainer({ ...options, dir, callbacks: [new ModelCheckpoint(), look] }).fit(module);
  expect(taken, "the other session trains in every batch").toEqual(Array(30).fill(1));
  expect(run.stopped).toBe("completed");
  expect(run.history).toHaveLength(6);
  expect(warned.length).toBe(15);
  expect(warned.at(-1)).toBe(
    "session_1 was left out of a batch, because this is not finite: the loss of session_1 (15 so far)",
  );
  for (const { variable } of module.parameters)
    expect(variable.dataSync().every((value) => Number.isFinite(value))).toBe(true);
  module.dispose();
});

test("a session that is bad in ten of its batches in a row ends the run, however rare the session is", async () => {
  const { module } = twin();
  breaking(
    module,
    () => true,
    (batch) => batch % 3 === 0,
  );
  const train = new Trainer({ ...options, maxEpochs: 20, dir, callbacks: [new ModelCheckpoint()] });
  const run = await train.fit(module);
  expect(run.stopped).toBe("diverged");
  // Batches 0, 3, ..., 27 have the session; five make an epoch.
  expect(run.history).toHaveLength(5);
  expect(warned).toHaveLength(2);
  expect(warned[1]).toMatch(
    /^diverged: 10 batches in a row that have session_1 could not be used, because this is not finite: the loss of session_1/,
  );
  module.dispose();
});

test("a resumed run continues to count a session's consecutive bad batches", async () => {
  const stopAfter = (batches: number): Callback => {
    let seen = 0;
    return { onTrainBatchEnd: (context) => void (++seen === batches && context.stop("interrupted")) };
  };
  const { module } = twin();
  breaking(module, () => true);
  const train = (callbacks: Callback[]) =>
    new Trainer({ ...options, dir, resume: "auto", callbacks: [new ModelCheckpoint(), ...callbacks] }).fit(
      module,
    );
  expect((await train([stopAfter(6)])).stopped).toBe("interrupted");
  let batches = 0;
  expect((await train([{ onTrainBatchEnd: () => void batches++ }])).stopped).toBe("diverged");
  expect(batches).toBe(4);
  module.dispose();
});
