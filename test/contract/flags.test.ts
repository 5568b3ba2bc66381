import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { callbacksOf } from "../../lib/cli/train/callbacks";
import { FLAGS, type Flag, readWord, trainSchema } from "../../lib/cli/train/flags";
import { planOf } from "../../lib/cli/train/plan";
import { readFlags } from "../../lib/cli/train/read-flags";
import { newFolder } from "../new-folder";

/** Names and defaults that users' shell scripts rely on. A change here breaks them. */
const FROZEN: Record<string, unknown> = {
  model_config: undefined,
  dataset_configs_path: undefined,
  max_datasets: 30,
  batch_size: 64,
  learning_rate: 1e-4,
  core_lr_scale: 1,
  weight_decay: 1e-5,
  max_epochs: 100,
  gradient_clip_val: 1,
  accumulate_grad_batches: 1,
  lr_scheduler: "none",
  warmup_epochs: 5,
  warmup_start_lr: 0,
  restart_period: undefined,
  enable_curriculum: false,
  pretrained_checkpoint: undefined,
  freeze_vision: false,
  compile: true,
  precision: "32",
  dset_dtype: "uint8",
  data_dir: undefined,
  num_gpus: undefined,
  gpu_ids: undefined,
  gpu: undefined,
  homogeneous_batches: false,
  num_workers: undefined,
  steps_per_epoch: 1000,
  project_name: undefined,
  experiment_name: undefined,
  checkpoint_dir: "./checkpoints",
  ckpt_path: undefined,
  early_stopping_patience: undefined,
  early_stopping_min_delta: 0,
  limit_val_batches: 1,
  time_budget_minutes: undefined,
  enable_logging: false,
  fast_log_interval: 5,
  slow_log_interval: 10,
  log_dataset_idx: undefined,
  // Not in the Lightning package's scripts.
  pretrained_stages: undefined,
  freeze_stages: undefined,
  checkpoint_filename: undefined,
  logger: undefined,
  ema_decay: undefined,
  max_steps: undefined,
  val_check_interval: 1,
  device_budget: undefined,
  movie_cache: undefined,
  shard: undefined,
  loss: undefined,
  seed: 0,
  overwrite: false,
  optimizer: "adamw",
  momentum: undefined,
  betas: undefined,
  gradient_clip_algorithm: "norm",
};

test("accepts the flags that existing scripts pass, with the same defaults", () => {
  expect(Object.keys(FLAGS).sort()).toEqual(Object.keys(FROZEN).sort());
  const set = Object.fromEntries(Object.entries(FROZEN).filter(([, value]) => value !== undefined));
  expect(trainSchema.parse({})).toEqual(set);
});

test("accepts the flags that existing scripts pass without a value", () => {
  const switches = Object.entries<Flag>(FLAGS).filter(([, { value }]) => value === undefined);
  expect(switches.map(([name]) => name).sort()).toEqual(
    [
      "compile",
      "enable_curriculum",
      "enable_logging",
      "freeze_vision",
      "homogeneous_batches",
      "overwrite",
    ].sort(),
  );
});

test("sets weight averaging and the loss by flags", () => {
  const given = { model_config: "m.yaml", dataset_configs_path: "s.yaml", ema_decay: 0.9 };
  const flags = trainSchema.parse({ ...given, loss: "zero_inflated_poisson" });
  expect(planOf(flags, "test").experiment.loss).toBe("zero_inflated_poisson");
  const recipes = callbacksOf(flags).flatMap((each) => ("recipe" in each ? [each.recipe] : []));
  expect(recipes[0]).toMatchObject({ name: "EMAWeightAveraging", options: { decay: 0.9 } });
  const plain = trainSchema.parse(given);
  expect(planOf(plain, "test").experiment).not.toHaveProperty("loss");
});

test("sets the optimizer and gradient clipping by flags", () => {
  const given = { model_config: "m.yaml", dataset_configs_path: "s.yaml" };
  const trainerOf = (more: object) =>
    planOf(trainSchema.parse({ ...given, ...more }), "gradbook train").trainer;
  expect(trainerOf({ optimizer: "sgd", momentum: 0.9, learning_rate: 0.1 }).optimizer).toEqual({
    type: "sgd",
    lr: 0.1,
    coreLrScale: 1,
    weightDecay: 1e-5,
    momentum: 0.9,
  });
  const lion = { optimizer: "lion", betas: readWord("0.9,0.98") };
  expect(trainerOf(lion).optimizer).toMatchObject({ type: "lion", betas: [0.9, 0.98] });
  expect(trainerOf({ optimizer: "muon", momentum: 0.9 }).optimizer).toMatchObject({
    type: "muon",
    momentum: 0.9,
  });
  const clipped = trainerOf({ gradient_clip_val: 0, gradient_clip_algorithm: "value" });
  expect(clipped).toMatchObject({ gradientClipVal: 0, gradientClipAlgorithm: "value" });
  expect(() => trainerOf({ momentum: 0.9 })).toThrow(
    'gradbook train: optimizer: unknown key "momentum" is not one of: type, lr, coreLrScale, weightDecay, betas, eps; it is an option of sgd, muon',
  );
});

test("passes a scheduler the flags that it accepts", () => {
  const given = {
    model_config: "m.yaml",
    dataset_configs_path: "s.yaml",
    warmup_start_lr: 1e-5,
    restart_period: 4,
  };
  const schedulerOf = (lr_scheduler: string) =>
    planOf(trainSchema.parse({ ...given, lr_scheduler }), "gradbook train").trainer.scheduler;
  expect(schedulerOf("one_cycle")).toEqual({ type: "one_cycle" });
  const warm = { warmupEpochs: 5, warmupStartLr: 1e-5 };
  expect(schedulerOf("cosine_warmup")).toEqual({ type: "cosine_warmup", ...warm });
  expect(schedulerOf("cosine_warmup_restart")).toEqual({
    type: "cosine_warmup_restart",
    ...warm,
    restartPeriod: 4,
  });
});

const FILES = { model_config: "m.yaml", dataset_configs_path: "s.yaml" };
const planned = (words: Record<string, unknown>) =>
  planOf(readFlags({ ...FILES, ...words }), "gradbook train");

/** Returns the text of the error that words of the command line cause. */
function refused(words: Record<string, unknown>): string | undefined {
  try {
    planned(words);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

test("reads names that look like numbers as they were written", () => {
  expect(planned({ experiment_name: "2026", project_name: "007" }).trainer).toMatchObject({
    name: "2026",
    dir: join("checkpoints", "007"),
  });
  expect(planned({ experiment_name: "1e3" }).trainer.name).toBe("1e3");
  expect(planOf(trainSchema.parse({ ...FILES, experiment_name: 2026 }), "run.yaml").trainer.name).toBe(
    "2026",
  );
});

test("accepts every spelling of the precision that Lightning accepts, and warns once that 16 means bfloat16", () => {
  const precisionOf = (precision: string) => planned({ precision }).trainer.precision;
  expect(["32", "32-true"].map(precisionOf)).toEqual(["float32", "float32"]);
  const lower = ["bf16", "bf16-mixed", "16", "16-mixed"];
  expect(lower.map(precisionOf)).toEqual(lower.map(() => "bf16-mixed"));
  expect(planned({ precision: "bf16" }).notes).toEqual([]);
  expect(planned({ precision: "16-mixed" }).notes).toEqual([
    "--precision 16-mixed: float16 is not offered, so the training computes in bfloat16",
  ]);
  expect(refused({ precision: "64" })).toBe(
    'gradbook train: precision: "64" is not one of: 16, 32, 32-true, bf16-mixed, bf16, 16-mixed',
  );
});

test("counts the batches of an epoch by steps_per_epoch, and ends an epoch with a whole optimizer step", () => {
  const stepsOf = (steps: string, batches: string) =>
    planned({ steps_per_epoch: steps, accumulate_grad_batches: batches }).trainer.stepsPerEpoch;
  expect([stepsOf("512", "4"), stepsOf("1024", "32"), stepsOf("10", "4"), stepsOf("2", "4")]).toEqual([
    128, 32, 3, 1,
  ]);
});

test("disables validation and clipping by 0, and GPUs by num_gpus 0", () => {
  const { trainer } = planned({ limit_val_batches: "0", gradient_clip_val: "0", num_gpus: "0" });
  expect(trainer).toMatchObject({ limitValBatches: 0, gradientClipVal: 0, devices: 1, accelerator: "cpu" });
});

test("selects one GPU by its number, and reports a machine without GPUs", () => {
  const folder = newFolder();
  const tool = "#!/bin/sh\necho 'GPU 0: first'\necho 'GPU 1: second'\n";
  writeFileSync(join(folder, "nvidia-smi"), tool, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "0,1");
  expect(planned({ gpu: "1" })).toMatchObject({ trainer: { devices: [1] }, notes: [] });
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "");
  expect(planned({ gpu_ids: "0,1" })).toMatchObject({
    trainer: { devices: 2 },
    notes: ["--gpu_ids 0,1: this machine has no GPU, so the training runs on the CPU"],
  });
  vi.unstubAllEnvs();
  expect(refused({ gpu: "1", gpu_ids: "0" })).toBe(
    "gradbook train: gpu: names the GPU, as --gpu_ids does; leave one of them out",
  );
});

test("loads and freezes the stages that flags name", () => {
  const stages = { pretrained_stages: "convnet,recurrent", freeze_stages: "convnet", freeze_vision: true };
  expect(planned({ pretrained_checkpoint: "core.safetensors", ...stages }).experiment).toMatchObject({
    pretrained: "core.safetensors",
    pretrainedStages: ["convnet", "recurrent"],
    freeze: ["adapter", "frontend", "convnet"],
  });
  expect(refused({ freeze_stages: "convnets" })).toBe(
    'gradbook train: freeze_stages: must be stages, separated by commas: adapter, frontend, convnet, modulator, recurrent, readout; found "convnets"',
  );
  expect(refused({ pretrained_stages: "convnet" })).toBe(
    "gradbook train: pretrained_stages: needs --pretrained_checkpoint, the file to load them from",
  );
});

test("names checkpoints by a template, and chooses loggers", () => {
  const flags = readFlags({
    ...FILES,
    checkpoint_filename: "{epoch:02d}-{val_bps_overall:.4f}",
    logger: "wandb,csv",
  });
  const callbacks = callbacksOf(flags);
  expect(callbacks.map((callback) => callback.constructor.name)).toEqual([
    "ModelCheckpoint",
    "WandbOfflineLogger",
    "CSVLogger",
  ]);
  expect(callbacks[0]).toMatchObject({
    recipe: { options: { filename: "{epoch:02d}-{val_bps_overall:.4f}" } },
  });
});
