import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memory } from "../../lib/engine";
import { buildModel, type ModelInput, readModelConfig } from "../../lib/model";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, randomBatches } from "../../lib/twin/batch-module";
import { newFolder } from "../new-folder";

const dir = newFolder();

/** Returns the lags that a configuration's comment specifies; 12 by default. */
const LAGS: Record<string, number> = { "da.yaml": 16, "convgru.yaml": 11, "quickstart.yaml": 11 };

for (const name of readdirSync("configs/models")) {
  test(`configs/models/${name} trains`, async () => {
    const before = memory().tensors;
    const file = join("configs/models", name);
    const config = readModelConfig(file);
    const behaviors = config.modulator.type === "none" ? 0 : 10;
    const input: ModelInput = { lags: LAGS[name] ?? 12, height: 21, width: 21, units: [4, 3], behaviors };
    const model = buildModel(config, input, 1, file);
    const { historyLags } = model.plan;
    const module = new BatchModule(model, randomBatches(input, { batchSize: 6, count: 1, historyLags }));
    const trainer = new Trainer({
      dir,
      name,
      maxEpochs: 3,
      stepsPerEpoch: 8,
      batchSize: 6,
      optimizer: { lr: 0.005 },
    });
    const run = await trainer.fit(module);
    const losses = run.history.map(({ train_loss }) => train_loss);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[2]!).toBeLessThan(losses[0]!);
    module.dispose();
    expect(memory().tensors, "tensors left over").toBe(before);
  });
}
