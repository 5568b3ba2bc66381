import { expect, test } from "vitest";
import { FLAGS, type Flag, readWord, trainSchema } from "../../lib/cli/train/flags";
import { callbacksOf, planOf } from "../../lib/cli/train/plan";

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
  num_gpus: undefined,
  gpu_ids: undefined,
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
  // Not in the Lightning package's script.
  ema_decay: undefined,
  max_steps: undefined,
  val_check_interval: 1,
  device_budget: undefined,
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
    ["compile", "enable_curriculum", "enable_logging", "freeze_vision", "overwrite"].sort(),
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
    ...{ type: "sgd", lr: 0.1, coreLrScale: 1, weightDecay: 1e-5, momentum: 0.9 },
  });
  const lion = { optimizer: "lion", betas: readWord("0.9,0.98") };
  expect(trainerOf(lion).optimizer).toMatchObject({ type: "lion", betas: [0.9, 0.98] });
  expect(trainerOf({ optimizer: "muon", momentum: 0.9 }).optimizer).toMatchObject({
    ...{ type: "muon", momentum: 0.9 },
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
