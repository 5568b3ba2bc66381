import { buildModel } from "../../lib/model";
import type { TrainerOptions } from "../../lib/trainer/options";
import { randomBatches } from "../../lib/twin/batch-module";
import { type Bench, behaviorDim, type ModelFile } from "./model-file";
import { BenchModule } from "./ready-module";

/** Makes a benchmark's model with its batches. @param processes the number of processes that share the batch */
export function subject({ bench, model: config }: ModelFile, processes = 1) {
  const batchSize = bench.batch_size / processes;
  const { lags, height, width, units } = bench;
  const input = { lags, height, width, units, behaviors: behaviorDim(config) };
  const model = buildModel(config, input, 0);
  const module = new BenchModule(model, randomBatches(input, { batchSize }));
  const forward = model.summary(batchSize).reduce((sum, { flops }) => sum + flops, 0);
  return { module, planGflop: (3 * forward) / 1e9 };
}

export function trainerOptions(bench: Bench): TrainerOptions {
  const { batch_size, gradient_clip_val, learning_rate, core_lr_scale, weight_decay } = bench;
  return {
    batchSize: batch_size,
    gradientClipVal: gradient_clip_val,
    optimizer: { lr: learning_rate, coreLrScale: core_lr_scale, weightDecay: weight_decay },
  };
}
