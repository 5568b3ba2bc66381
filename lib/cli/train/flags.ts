import { z } from "zod";
import { MOVIE_DTYPES } from "../../data";
import { deviceBudget } from "../../data/serving/device-budget";
import { type Flag, numberOrZero, positive, whole } from "./flag";
import { OPTIMIZATION_FLAGS } from "./optimization-flags";

export type { Flag } from "./flag";

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
    help: "at most so many sessions",
  },
  dset_dtype: {
    group: "Model and data",
    schema: z.enum(MOVIE_DTYPES).default("uint8"),
    value: "type",
    help: "how the movies are kept in memory: bytes, normalised when served, or floats, which any transform may make",
  },
  device_budget: {
    group: "Model and data",
    schema: deviceBudget.optional(),
    value: "bytes|8GiB",
    help: "what movies may take of the device's memory; a thread gathers the others' frames from host memory (default: all lie on the device)",
  },
  num_workers: {
    group: "Model and data",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "accepted for old scripts, without effect: movies are in memory when training begins",
  },
  ...OPTIMIZATION_FLAGS,
  max_epochs: {
    group: "Length of the training",
    schema: whole.default(100),
    value: "n",
    help: "the training ends after so many",
  },
  max_steps: {
    group: "Length of the training",
    schema: whole.optional(),
    value: "n",
    help: "the training ends after so many optimizer steps, if max_epochs is not reached before",
  },
  steps_per_epoch: {
    group: "Length of the training",
    schema: whole.default(1000),
    value: "n",
    help: "optimizer steps of one epoch",
  },
  limit_val_batches: {
    group: "Length of the training",
    schema: positive.default(1),
    value: "share|n",
    help: "validate on this share of the batches, or (above 1) on so many",
  },
  val_check_interval: {
    group: "Length of the training",
    schema: positive.default(1),
    value: "share|n",
    help: "validate after this share of an epoch, or (above 1) after so many training batches",
  },
  early_stopping_patience: {
    group: "Length of the training",
    schema: whole.optional(),
    value: "n",
    help: "stop after so many validations without a better val_bps_overall",
  },
  early_stopping_min_delta: {
    group: "Length of the training",
    schema: numberOrZero.default(0),
    value: "bits",
    help: "what counts as better",
  },
  time_budget_minutes: {
    group: "Length of the training",
    schema: positive.optional(),
    value: "minutes",
    help: "stop, saved, after so long",
  },
  enable_curriculum: {
    group: "Length of the training",
    schema: z.boolean().default(false),
    help: "frames of high contrast first",
  },
  ckpt_path: {
    group: "Start from a checkpoint",
    schema: file.optional(),
    value: "file|last",
    help: "go on with a run: a checkpoint of it, or the last one of --experiment_name",
  },
  pretrained_checkpoint: {
    group: "Start from a checkpoint",
    schema: file.optional(),
    value: "file",
    help: "take the core's weights from it",
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
    help: "how many GPUs; without any, processes on the CPU",
  },
  gpu_ids: { group: "Device", schema: gpus.optional(), value: "0,1", help: "which GPUs" },
  precision: {
    group: "Device",
    schema: z.enum(["32", "32-true", "bf16-mixed"]).default("32"),
    value: "type",
    help: "32 or bf16-mixed",
  },
  compile: {
    group: "Device",
    schema: z.boolean().default(true),
    help: "accepted for old scripts: steps are always compiled",
  },
  checkpoint_dir: {
    group: "What is kept",
    schema: file.default("./checkpoints"),
    value: "folder",
    help: "holds a folder for each run",
  },
  experiment_name: {
    group: "What is kept",
    schema: z
      .string()
      .regex(/^(?!\.\.?$)[^/\\]+$/, "must be the name of a folder")
      .optional(),
    value: "name",
    help: "of the run's folder (default: the model's file and the time)",
  },
  project_name: {
    group: "What is kept",
    schema: z.string().optional(),
    value: "name",
    help: "a folder of --checkpoint_dir that joins runs",
  },
  overwrite: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "replace an earlier run of that name",
  },
  enable_logging: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "TensorBoard files and pictures of what is learned",
  },
  fast_log_interval: {
    group: "What is kept",
    schema: whole.default(5),
    value: "epochs",
    help: "between pictures of kernels and readouts",
  },
  slow_log_interval: {
    group: "What is kept",
    schema: whole.default(10),
    value: "epochs",
    help: "between full evaluations",
  },
  log_dataset_idx: {
    group: "What is kept",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "the session that is evaluated (default: the first)",
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
