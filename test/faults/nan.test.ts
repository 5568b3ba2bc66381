import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { buildModel, parseModelConfig } from "../../lib/model";
import type { Callback } from "../../lib/trainer/callback";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";

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
  dir = mkdtempSync(join(tmpdir(), "gradbook-"));
  warned.length = 0;
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
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

test("NaN in one session's data: the session is named, the run ends as diverged, the good checkpoint stays", async () => {
  const { module } = twin();
  let broken = false;
  const serve = module.trainBatches.bind(module);
  module.trainBatches = function* (request) {
    for (const batch of serve(request)) {
      // Session 1 has the last two units.
      const nan = tf.tensor2d([[0, 0, 0, Number.NaN, Number.NaN]]);
      yield broken ? { ...batch, robs: tf.add(batch.robs as tf.Tensor, nan) } : batch;
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
  expect(warned[0]).toMatch(/^a batch was skipped, since this is not finite: the loss of session_1, /);
  expect(warned.at(-1)).toMatch(/^diverged: 10 batches in a row could not be used, .* session_1, /);
  run.load("last");
  for (const { variable } of module.parameters)
    expect(variable.dataSync().every((value) => Number.isFinite(value))).toBe(true);
  module.dispose();
});

test("NaN in a weight: the layer is named, and no checkpoint is overwritten with it", async () => {
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

test("interrupted with NaN in a weight: the last checkpoint stays the good one, and it is said why", async () => {
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
