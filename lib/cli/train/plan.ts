import { basename, extname, join } from "node:path";
import { ConfigError, type Problem, problemsOf } from "../../base/config";
import { thisMachine } from "../../distributed/devices";
import { type OptimizerOptions, parseOptimizer } from "../../trainer/optim/config";
import type { TrainerOptions } from "../../trainer/options";
import type { SchedulerOptions } from "../../trainer/schedulers/config";
import type { ExperimentFiles } from "../../twin/experiment";
import { VISION } from "../../twin/pretrained";
import type { TrainFlags } from "./flags";

/** The flags in the form that the library needs. */
export interface TrainPlan {
  experiment: ExperimentFiles;
  trainer: TrainerOptions;
  /** Remarks about flags that are not followed to the letter. */
  notes: readonly string[];
}

/**
 * Returns the plan of a training from its flags.
 *
 * @param now the time that names the run when the flags do not
 * @throws ConfigError that lists the missing flags
 */
export function planOf(flags: TrainFlags, where: string, now = new Date()): TrainPlan {
  const { model_config: model, dataset_configs_path: sessions } = flags;
  const optimizer = optimizerOf(flags);
  const problems = problemsOfFlags(flags, optimizer);
  if (!model || !sessions || problems.length > 0) throw new ConfigError(where, problems);
  return {
    experiment: experimentOf(flags, model, sessions),
    trainer: {
      name: flags.experiment_name ?? `${stem(model)}-${timestamp(now)}`,
      ...trainerOf(flags),
      optimizer,
      scheduler: schedulerOf(flags),
    },
    notes: notesOn(flags),
  };
}

function problemsOfFlags(flags: TrainFlags, optimizer: OptimizerOptions): Problem[] {
  const problems: Problem[] = [];
  if (!flags.model_config) problems.push({ path: "model_config", message: "missing: the model's YAML file" });
  if (!flags.dataset_configs_path)
    problems.push({ path: "dataset_configs_path", message: "missing: the sessions' YAML file or folder" });
  if (flags.ckpt_path && !flags.experiment_name) {
    const message = "needs --experiment_name, the name of the run to resume";
    problems.push({ path: "ckpt_path", message });
  }
  if (flags.pretrained_stages && !flags.pretrained_checkpoint) {
    const message = "needs --pretrained_checkpoint, the file to load them from";
    problems.push({ path: "pretrained_stages", message });
  }
  if (flags.gpu !== undefined && flags.gpu_ids)
    problems.push({ path: "gpu", message: "names the GPU, as --gpu_ids does; leave one of them out" });
  for (const { path, message } of problemsOf(() => parseOptimizer(optimizer)))
    problems.push({ path: ["optimizer", path].filter(Boolean).join("."), message });
  return problems;
}

function experimentOf(flags: TrainFlags, model: string, sessions: string): ExperimentFiles {
  return {
    model,
    sessions,
    maxDatasets: flags.max_datasets,
    seed: flags.seed,
    ...(flags.data_dir === undefined ? {} : { dataDir: flags.data_dir }),
    dsetDtype: flags.dset_dtype,
    ...(flags.device_budget === undefined ? {} : { deviceBudget: flags.device_budget }),
    ...(flags.movie_cache === undefined ? {} : { movieCache: flags.movie_cache }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    enableCurriculum: flags.enable_curriculum,
    homogeneousBatches: flags.homogeneous_batches,
    ...(flags.loss ? { loss: flags.loss } : {}),
    ...(flags.pretrained_checkpoint ? { pretrained: flags.pretrained_checkpoint } : {}),
    ...(flags.pretrained_stages ? { pretrainedStages: flags.pretrained_stages } : {}),
    ...frozenBy(flags),
  };
}

/** Returns the trainer's options, without its name, optimizer and schedule. */
function trainerOf(flags: TrainFlags): Omit<TrainerOptions, "name"> {
  const { ckpt_path } = flags;
  return {
    dir: join(flags.checkpoint_dir, flags.project_name ?? ""),
    overwrite: flags.overwrite,
    maxEpochs: flags.max_epochs,
    ...(flags.max_steps === undefined ? {} : { maxSteps: flags.max_steps }),
    // The flag counts batches, and an epoch ends with a whole step.
    stepsPerEpoch: Math.ceil(flags.steps_per_epoch / flags.accumulate_grad_batches),
    batchSize: flags.batch_size,
    seed: flags.seed,
    ...devicesOf(flags),
    precision: flags.precision.startsWith("32") ? "float32" : "bf16-mixed",
    accumulateGradBatches: flags.accumulate_grad_batches,
    limitValBatches: flags.limit_val_batches,
    valCheckInterval: flags.val_check_interval,
    ...(ckpt_path ? { resume: ckpt_path === "last" ? "auto" : ckpt_path } : {}),
    gradientClipVal: flags.gradient_clip_val,
    gradientClipAlgorithm: flags.gradient_clip_algorithm,
  };
}

/** Returns the numbers of the GPUs that flags name. */
const idsOf = ({ gpu_ids, gpu }: Pick<TrainFlags, "gpu_ids" | "gpu">) =>
  gpu_ids ?? (gpu === undefined ? undefined : [gpu]);

function notesOn({ precision, gpu_ids, gpu }: TrainFlags): string[] {
  const notes: string[] = [];
  if (precision.startsWith("16"))
    notes.push(`--precision ${precision}: float16 is not offered, so the training computes in bfloat16`);
  const ids = idsOf({ gpu_ids, gpu });
  if (ids && thisMachine().gpus === 0)
    notes.push(
      `${gpu_ids ? "--gpu_ids" : "--gpu"} ${ids.join(",")}: this machine has no GPU, so the training runs on the CPU`,
    );
  return notes;
}

/** A flag that the type does not accept is an error of the optimizer's options. */
function optimizerOf({ optimizer: type, ...flags }: TrainFlags): OptimizerOptions {
  const { learning_rate: lr, core_lr_scale: coreLrScale, weight_decay: weightDecay, momentum, betas } = flags;
  return {
    type,
    lr,
    coreLrScale,
    weightDecay,
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

function frozenBy({ freeze_vision, freeze_stages = [] }: TrainFlags): Pick<ExperimentFiles, "freeze"> {
  const vision = freeze_vision ? VISION : [];
  const freeze = [...new Set([...vision, ...freeze_stages])];
  return freeze.length > 0 ? { freeze } : {};
}

/**
 * Returns the devices that the flags select. On a machine without GPUs, there is one process on the CPU for each named
 * GPU.
 */
function devicesOf({ gpu_ids, gpu, num_gpus }: TrainFlags): Pick<TrainerOptions, "devices" | "accelerator"> {
  const ids = idsOf({ gpu_ids, gpu });
  if (ids) return { devices: thisMachine().gpus > 0 ? ids : ids.length };
  if (num_gpus === 0) return { devices: 1, accelerator: "cpu" };
  return num_gpus === undefined ? {} : { devices: num_gpus };
}

const stem = (file: string) => basename(file, extname(file));

/** Formats the local time as `20310301-134502`, which sorts by time and is a valid folder name on every system. */
export function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
