import { basename, extname, join } from "node:path";
import { ConfigError, type Problem, problemsOf } from "../../base/config";
import { EarlyStopping } from "../../callbacks/early-stopping";
import { TensorBoardLogger } from "../../callbacks/loggers/tensorboard";
import { ModelCheckpoint } from "../../callbacks/model-checkpoint";
import { TimeBudgetCallback } from "../../callbacks/time-budget";
import { EMAWeightAveraging } from "../../callbacks/weight-averaging";
import { ModelLoggingCallback } from "../../evaluation/report/model-logging";
import { type OptimizerOptions, parseOptimizer } from "../../trainer/optim";
import type { TrainerOptions } from "../../trainer/options";
import type { SchedulerOptions } from "../../trainer/schedulers";
import type { ExperimentFiles } from "../../twin/experiment";
import type { TrainFlags } from "./flags";

/** The metric that ranks checkpoints and triggers early stopping. */
const MONITOR = { monitor: "val_bps_overall", mode: "max" } as const;

/** The flags in the form that the library needs. */
export interface TrainPlan {
  experiment: ExperimentFiles;
  trainer: TrainerOptions;
}

/**
 * Returns the plan of a training from its flags. @param now names the run when the flags do not @throws ConfigError
 * that lists what is missing
 */
export function planOf(flags: TrainFlags, where: string, now = new Date()): TrainPlan {
  const { model_config: model, dataset_configs_path: sessions, ckpt_path } = flags;
  const problems: Problem[] = [];
  if (!model) problems.push({ path: "model_config", message: "missing: the model's YAML file" });
  if (!sessions)
    problems.push({ path: "dataset_configs_path", message: "missing: the sessions' YAML file or folder" });
  if (ckpt_path && !flags.experiment_name) {
    const message = "needs --experiment_name, the name of the run to go on with";
    problems.push({ path: "ckpt_path", message });
  }
  const optimizer = optimizerOf(flags);
  for (const { path, message } of problemsOf(() => parseOptimizer(optimizer)))
    problems.push({ path: ["optimizer", path].filter(Boolean).join("."), message });
  if (!model || !sessions || problems.length > 0) throw new ConfigError(where, problems);
  return {
    experiment: {
      model,
      sessions,
      maxDatasets: flags.max_datasets,
      seed: flags.seed,
      dsetDtype: flags.dset_dtype,
      ...(flags.device_budget === undefined ? {} : { deviceBudget: flags.device_budget }),
      enableCurriculum: flags.enable_curriculum,
      ...(flags.loss ? { loss: flags.loss } : {}),
      ...(flags.pretrained_checkpoint ? { pretrained: flags.pretrained_checkpoint } : {}),
      ...(flags.freeze_vision ? { freeze: ["adapter", "frontend", "convnet"] as const } : {}),
    },
    trainer: {
      name: flags.experiment_name ?? `${stem(model)}-${timestamp(now)}`,
      dir: join(flags.checkpoint_dir, flags.project_name ?? ""),
      overwrite: flags.overwrite,
      maxEpochs: flags.max_epochs,
      ...(flags.max_steps === undefined ? {} : { maxSteps: flags.max_steps }),
      stepsPerEpoch: flags.steps_per_epoch,
      batchSize: flags.batch_size,
      seed: flags.seed,
      ...devicesOf(flags),
      precision: flags.precision === "bf16-mixed" ? "bf16-mixed" : "float32",
      accumulateGradBatches: flags.accumulate_grad_batches,
      limitValBatches: flags.limit_val_batches,
      valCheckInterval: flags.val_check_interval,
      ...(ckpt_path ? { resume: ckpt_path === "last" ? "auto" : ckpt_path } : {}),
      gradientClipVal: flags.gradient_clip_val,
      gradientClipAlgorithm: flags.gradient_clip_algorithm,
      optimizer,
      scheduler: schedulerOf(flags),
    },
  };
}

/** A flag that the type does not accept is an error of the optimizer's options. */
function optimizerOf({ optimizer: type, ...flags }: TrainFlags): OptimizerOptions {
  const { learning_rate: lr, core_lr_scale: coreLrScale, weight_decay: weightDecay, momentum, betas } = flags;
  return {
    ...{ type, lr, coreLrScale, weightDecay },
    ...(momentum === undefined ? {} : { momentum }),
    ...(betas === undefined ? {} : { betas }),
  } as OptimizerOptions;
}

/** Scripts may give all flags because they have defaults, so a scheduler gets only those that it accepts. */
function schedulerOf({ lr_scheduler: type, ...flags }: TrainFlags): SchedulerOptions {
  const {
    warmup_epochs: warmupEpochs,
    warmup_start_lr: warmupStartLr,
    restart_period: restartPeriod = null,
  } = flags;
  const warmup = { warmupEpochs, warmupStartLr };
  if (type === "cosine_warmup") return { type, ...warmup };
  if (type === "cosine_warmup_restart") return { type, ...warmup, restartPeriod };
  return { type } as SchedulerOptions;
}

function devicesOf({ gpu_ids, num_gpus }: TrainFlags): Pick<TrainerOptions, "devices"> {
  if (gpu_ids) return { devices: gpu_ids };
  return num_gpus === undefined ? {} : { devices: num_gpus };
}

/** Returns the callbacks that the flags select. */
export function callbacksOf(flags: TrainFlags): NonNullable<TrainerOptions["callbacks"]> {
  const { early_stopping_patience: patience, early_stopping_min_delta: minDelta } = flags;
  const { time_budget_minutes: minutes, log_dataset_idx } = flags;
  const logging = {
    fastLogInterval: flags.fast_log_interval,
    slowLogInterval: flags.slow_log_interval,
    ...(log_dataset_idx === undefined ? {} : { logDatasetIdx: log_dataset_idx }),
  };
  return [
    ...(flags.ema_decay === undefined ? [] : [new EMAWeightAveraging({ decay: flags.ema_decay })]),
    new ModelCheckpoint({ ...MONITOR, saveTopK: 3 }),
    ...(patience ? [new EarlyStopping({ ...MONITOR, patience, minDelta })] : []),
    ...(minutes ? [new TimeBudgetCallback({ minutes })] : []),
    ...(flags.enable_logging ? [new ModelLoggingCallback(logging), new TensorBoardLogger()] : []),
  ];
}

const stem = (file: string) => basename(file, extname(file));

/** Formats the local time as `20310301-134502`, which sorts by time and is a valid folder name on every system. */
function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
