import { z } from "zod";
import { MOVIE_DTYPES } from "../../data";
import { deviceBudget } from "../../data/serving/device-budget";
import { type Flag, numberOrZero, OPTIMIZATION_FLAGS, positive, whole } from "./optimization-flags";

export type { Flag } from "./optimization-flags";

const file = z.string().min(1);
const gpus = z
  .union([z.array(z.int().nonnegative()).min(1), z.int().nonnegative()], {
    error: "must be numbers of GPUs, such as 0,1",
  })
  .transform((ids) => [ids].flat());

/** The flags, in the order of `--help`. Names and defaults are frozen by test/contract/flags.test.ts: scripts call them. */
export const FLAGS = {
  model_config: {
    group: "Model and data",
    schema: file.optional(),
    value: "file",
    help: "the model's YAML file",
  },
  dataset_configs_path: {
    group: "Model and data",
    schema: file.optional(),
    value: "path",
    help: "the sessions' YAML file, or a folder with one for each session",
  },
  max_datasets: {
    group: "Model and data",
    schema: whole.default(30),
    value: "n",
    help: "the largest number of sessions to load",
  },
  dset_dtype: {
    group: "Model and data",
    schema: z.enum(MOVIE_DTYPES).default("uint8"),
    value: "type",
    help: "the type of movies in memory: bytes, which are normalised when served, or floats, which every transform supports",
  },
  device_budget: {
    group: "Model and data",
    schema: deviceBudget.optional(),
    value: "bytes|8GiB",
    help: "the device memory for movies; a thread gathers the frames of all others from host memory (default: all movies are on the device)",
  },
  num_workers: {
    group: "Model and data",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "accepted for old scripts, but has no effect: movies are in memory when training begins",
  },
  ...OPTIMIZATION_FLAGS,
  max_epochs: {
    group: "Length of the training",
    schema: whole.default(100),
    value: "n",
    help: "the largest number of epochs",
  },
  max_steps: {
    group: "Length of the training",
    schema: whole.optional(),
    value: "n",
    help: "the largest number of optimizer steps; max_epochs may end the training earlier",
  },
  steps_per_epoch: {
    group: "Length of the training",
    schema: whole.default(1000),
    value: "n",
    help: "the number of optimizer steps in one epoch",
  },
  limit_val_batches: {
    group: "Length of the training",
    schema: positive.default(1),
    value: "share|n",
    help: "validate on this share of the batches, or (above 1) on this number of batches",
  },
  val_check_interval: {
    group: "Length of the training",
    schema: positive.default(1),
    value: "share|n",
    help: "validate after this share of an epoch, or (above 1) after this number of training batches",
  },
  early_stopping_patience: {
    group: "Length of the training",
    schema: whole.optional(),
    value: "n",
    help: "stop after this number of validations without an improvement of val_bps_overall",
  },
  early_stopping_min_delta: {
    group: "Length of the training",
    schema: numberOrZero.default(0),
    value: "bits",
    help: "the smallest change of val_bps_overall that counts as an improvement",
  },
  time_budget_minutes: {
    group: "Length of the training",
    schema: positive.optional(),
    value: "minutes",
    help: "save and stop after this time",
  },
  enable_curriculum: {
    group: "Length of the training",
    schema: z.boolean().default(false),
    help: "train on frames of high contrast first",
  },
  ckpt_path: {
    group: "Start from a checkpoint",
    schema: file.optional(),
    value: "file|last",
    help: "resume a run from its checkpoint file, or from the last checkpoint of --experiment_name",
  },
  pretrained_checkpoint: {
    group: "Start from a checkpoint",
    schema: file.optional(),
    value: "file",
    help: "load the core's weights from this checkpoint",
  },
  freeze_vision: {
    group: "Start from a checkpoint",
    schema: z.boolean().default(false),
    help: "do not train adapter, frontend and convnet",
  },
  num_gpus: {
    group: "Device",
    schema: whole.optional(),
    value: "n",
    help: "the number of GPUs; on a machine without GPUs, the number of processes on the CPU",
  },
  gpu_ids: { group: "Device", schema: gpus.optional(), value: "0,1", help: "the numbers of the GPUs to use" },
  precision: {
    group: "Device",
    schema: z.enum(["32", "32-true", "bf16-mixed"]).default("32"),
    value: "type",
    help: "the precision: 32 or bf16-mixed",
  },
  compile: {
    group: "Device",
    schema: z.boolean().default(true),
    help: "accepted for old scripts, but has no effect: steps are always compiled",
  },
  checkpoint_dir: {
    group: "What is kept",
    schema: file.default("./checkpoints"),
    value: "folder",
    help: "the folder that holds the runs' folders",
  },
  experiment_name: {
    group: "What is kept",
    schema: z
      .string()
      .regex(/^(?!\.\.?$)[^/\\]+$/, "must be the name of a folder")
      .optional(),
    value: "name",
    help: "the name of the run's folder (default: the model's file and the time)",
  },
  project_name: {
    group: "What is kept",
    schema: z.string().optional(),
    value: "name",
    help: "a folder in --checkpoint_dir that groups runs",
  },
  overwrite: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "replace an earlier run of the same name",
  },
  enable_logging: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "write TensorBoard files and pictures of kernels and readouts",
  },
  fast_log_interval: {
    group: "What is kept",
    schema: whole.default(5),
    value: "epochs",
    help: "the number of epochs between pictures of kernels and readouts",
  },
  slow_log_interval: {
    group: "What is kept",
    schema: whole.default(10),
    value: "epochs",
    help: "the number of epochs between full evaluations",
  },
  log_dataset_idx: {
    group: "What is kept",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "the number of the session to evaluate (default: the first)",
  },
} as const satisfies Record<string, Flag>;

/** The same as a YAML file may hold. */
export const trainSchema = z.strictObject(
  Object.fromEntries(Object.entries(FLAGS).map(([name, { schema }]) => [name, schema])) as {
    [Name in keyof typeof FLAGS]: (typeof FLAGS)[Name]["schema"];
  },
);

/** Checked flags, defaults filled in. */
export type TrainFlags = z.output<typeof trainSchema>;

/** Converts a word of the command line to the value that it would have in a YAML file. */
export function readWord(word: string): unknown {
  const list = word.split(",");
  const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));
  if (list.length > 1 && list.every(isNumber)) return list.map(Number);
  if (isNumber(word)) return Number(word);
  return word;
}
