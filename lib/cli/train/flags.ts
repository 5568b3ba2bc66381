import { z } from "zod";
import { MOVIE_DTYPES } from "../../base/dsp/movie";
import { bytesOption } from "../../data/serving/device-budget";
import type { StageName } from "../../model";
import { type Flag, numberOrZero, OPTIMIZATION_FLAGS, positive, text, whole } from "./optimization-flags";

export type { Flag } from "./optimization-flags";

const file = text(z.string().min(1));
const STAGES = [
  "adapter",
  "frontend",
  "convnet",
  "modulator",
  "recurrent",
  "readout",
] as const satisfies StageName[];
const stages = z.array(z.enum(STAGES), {
  error: `must be stages, separated by commas: ${STAGES.join(", ")}`,
});
const LOGGERS = ["tensorboard", "csv", "mlflow", "wandb"] as const;
const PRECISIONS = ["32", "32-true", "bf16-mixed", "bf16", "16", "16-mixed"] as const;
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
  data_dir: {
    group: "Model and data",
    schema: z.string().min(1).optional(),
    value: "folder",
    help: "the folder of the recordings: <session>.h5, or <session>/datasets/<type>.dset (default: that of the sessions' YAML files, then GRADBOOK_DATA)",
  },
  dset_dtype: {
    group: "Model and data",
    schema: z.enum(MOVIE_DTYPES).default("uint8"),
    value: "type",
    help: "the type of movies in memory: bytes, which are normalised when served, or floats, which every transform supports",
  },
  device_budget: {
    group: "Model and data",
    schema: bytesOption.optional(),
    value: "bytes|8GiB",
    help: "the device memory for movies and responses; a thread gathers those of all others from host memory (default: all are on the device)",
  },
  movie_cache: {
    group: "Model and data",
    schema: bytesOption.optional(),
    value: "bytes|2GiB",
    help: "for recordings larger than memory: leave movies that are not on the device in their files, and read them through a cache of this size (default: movies are loaded)",
  },
  shard: {
    group: "Model and data",
    schema: z.enum(["sessions"]).optional(),
    value: "sessions",
    help: "with several processes: give each process sessions of its own, and sum only the gradients of the core (default: each process has all sessions)",
  },
  homogeneous_batches: {
    group: "Model and data",
    schema: z.boolean().default(false),
    help: "draw each batch from one session, in proportion to the sessions' sizes",
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
    help: "the number of batches in one epoch; with --accumulate_grad_batches this is more than its optimizer steps",
  },
  limit_val_batches: {
    group: "Length of the training",
    schema: numberOrZero.default(1),
    value: "share|n",
    help: "validate on this share of the batches, or (above 1) on this number of batches; 0 disables validation",
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
    help: "stop after this number of validations without an improvement of val_bps_overall (val_corr_overall for responses that are not counts)",
  },
  early_stopping_min_delta: {
    group: "Length of the training",
    schema: numberOrZero.default(0),
    value: "bits",
    help: "the smallest change of that metric that counts as an improvement",
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
    help: "resume a run from its checkpoint file (also of PyTorch Lightning), or from the last checkpoint of --experiment_name",
  },
  pretrained_checkpoint: {
    group: "Start from a checkpoint",
    schema: file.optional(),
    value: "file",
    help: "load the adapters, the frontend and the convnet from this checkpoint, of gradbook or PyTorch Lightning",
  },
  pretrained_stages: {
    group: "Start from a checkpoint",
    schema: stages.optional(),
    value: "stages",
    help: "load these stages of --pretrained_checkpoint instead, such as frontend,convnet,modulator,recurrent",
  },
  freeze_vision: {
    group: "Start from a checkpoint",
    schema: z.boolean().default(false),
    help: "do not train adapter, frontend and convnet",
  },
  freeze_stages: {
    group: "Start from a checkpoint",
    schema: stages.optional(),
    value: "stages",
    help: "do not train these stages, such as frontend,convnet",
  },
  num_gpus: {
    group: "Device",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "the number of GPUs; on a machine without GPUs, the number of processes on the CPU; 0 uses the CPU",
  },
  gpu_ids: { group: "Device", schema: gpus.optional(), value: "0,1", help: "the numbers of the GPUs to use" },
  gpu: {
    group: "Device",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "the number of the only GPU to use, as --gpu_ids",
  },
  precision: {
    group: "Device",
    schema: text(z.enum(PRECISIONS)).default("32"),
    value: "type",
    help: "the precision: 32 or bf16-mixed; bf16, 16 and 16-mixed mean bf16-mixed, and a device without it computes in 32",
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
    schema: text(z.string().regex(/^(?!\.\.?$)[^/\\]+$/, "must be the name of a folder")).optional(),
    value: "name",
    help: "the name of the run's folder (default: the model's file and the time)",
  },
  project_name: {
    group: "What is kept",
    schema: text(z.string()).optional(),
    value: "name",
    help: "a folder in --checkpoint_dir that groups runs; the experiment of MLflow, and the project of Weights & Biases",
  },
  checkpoint_filename: {
    group: "What is kept",
    schema: file.optional(),
    value: "template",
    help: "the names of checkpoints as in Lightning, such as \"{epoch:02d}-{val_bps_overall:.4f}\" (default: gradbook's); at the end, they are also written as .ckpt files into the run's folder",
  },
  overwrite: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "replace an earlier run of the same name",
  },
  enable_logging: {
    group: "What is kept",
    schema: z.boolean().default(false),
    help: "draw kernels and readouts, evaluate the model, and write TensorBoard files",
  },
  logger: {
    group: "What is kept",
    schema: z
      .array(z.enum(LOGGERS), { error: `must be loggers, separated by commas: ${LOGGERS.join(", ")}` })
      .optional(),
    value: "names",
    help: `${LOGGERS.join(", ")}, or several, separated by commas (default: tensorboard with --enable_logging)`,
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

/** The flags in a YAML file. */
export const trainSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(FLAGS).map(([name, { schema, help }]) => [name, schema.describe(help)]),
  ) as {
    [Name in keyof typeof FLAGS]: (typeof FLAGS)[Name]["schema"];
  },
);

/** The checked flags, with defaults filled in. */
export type TrainFlags = z.output<typeof trainSchema>;

/**
 * Converts a word of the command line to a value that the schema of its flag accepts: the word itself, a number or numbers, or words
 * that were separated by commas.
 */
export function readFor(schema: z.ZodType, word: string): unknown {
  const accepted = [word, readWord(word), word.split(",")].find((value) => schema.safeParse(value).success);
  return accepted ?? readWord(word);
}

/** Converts a word of the command line to the value that it would have in a YAML file. */
export function readWord(word: string): unknown {
  const list = word.split(",");
  const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));
  if (list.length > 1 && list.every(isNumber)) return list.map(Number);
  if (isNumber(word)) return Number(word);
  return word;
}
