import { z } from "zod";
import { typeOf } from "../../base/config";
import { lossParts } from "../../losses/parts";
import { CLIP_ALGORITHMS } from "../../trainer/optim/clip";
import { optimizers } from "../../trainer/optim/config";
import { schedulers } from "../../trainer/schedulers/config";

/** One flag of `gradbook train`: on the command line `--name value`, in a run's YAML file `name: value`. */
export interface Flag {
  /** The heading of its section in the help. */
  group: string;
  /** The schema of the value that results from a word of the command line. */
  schema: z.ZodType;
  /** The placeholder for the value in the help. A switch has none. */
  value?: string;
  help: string;
}

/**
 * Returns a schema of text that also accepts a number, which YAML and a shell cannot tell from text: `experiment_name: 2026`.
 */
export const text = <S extends z.ZodType<string>>(schema: S) =>
  z.preprocess((value) => (typeof value === "number" ? String(value) : value), schema);

/** The schema of a positive whole number. */
export const whole = z.int().positive();
/** The schema of a positive number. */
export const positive = z.number().positive();
/** The schema of a number of at least 0. */
export const numberOrZero = z.number().nonnegative();
/** The schema of a number of at least 0 and below 1. */
export const share = z.number().min(0).lt(1);

/** The flags of optimizer, schedule and loss, in the order of `--help`. */
export const OPTIMIZATION_FLAGS = {
  batch_size: {
    group: "Optimization",
    schema: whole.default(64),
    value: "n",
    help: "the number of samples in a batch of each device",
  },
  learning_rate: {
    group: "Optimization",
    schema: positive.default(1e-4),
    value: "rate",
    help: "the learning rate of readouts and adapters",
  },
  core_lr_scale: {
    group: "Optimization",
    schema: numberOrZero.default(1),
    value: "factor",
    help: "the core's learning rate as a multiple of --learning_rate",
  },
  weight_decay: {
    group: "Optimization",
    schema: numberOrZero.default(1e-5),
    value: "factor",
    help: "the optimizer's weight decay",
  },
  optimizer: {
    group: "Optimization",
    schema: typeOf("optimizer", optimizers).default("adamw"),
    value: "type",
    help: `${Object.keys(optimizers).join(", ")}, or an export of your own module, ./file.ts#name`,
  },
  momentum: {
    group: "Optimization",
    schema: share.optional(),
    value: "share",
    help: "momentum of sgd (default: 0) and muon (default: 0.95)",
  },
  betas: {
    group: "Optimization",
    schema: z.tuple([share, share], { error: "must be two numbers, such as 0.9,0.999" }).optional(),
    value: "b1,b2",
    help: "decay rates of the moments of adamw, adam, muon (default: 0.9,0.999) and lion (default: 0.9,0.99)",
  },
  gradient_clip_val: {
    group: "Optimization",
    schema: numberOrZero.default(1),
    value: "limit",
    help: "the limit of the gradients; 0 disables clipping",
  },
  gradient_clip_algorithm: {
    group: "Optimization",
    schema: z.enum(CLIP_ALGORITHMS).default("norm"),
    value: "norm|value",
    help: "whether to limit the gradients' global norm or each value",
  },
  accumulate_grad_batches: {
    group: "Optimization",
    schema: whole.default(1),
    value: "n",
    help: "the number of batches in one optimizer step",
  },
  lr_scheduler: {
    group: "Optimization",
    schema: typeOf("scheduler", schedulers).default("none"),
    value: "type",
    help: `${Object.keys(schedulers).join(", ")}, or an export of your own module, ./file.ts#name`,
  },
  warmup_epochs: {
    group: "Optimization",
    schema: z.int().nonnegative().default(5),
    value: "n",
    help: "the number of warm-up epochs of the cosine_warmup schedulers",
  },
  warmup_start_lr: {
    group: "Optimization",
    schema: numberOrZero.default(0),
    value: "rate",
    help: "the learning rate at the start of the warm-up",
  },
  restart_period: {
    group: "Optimization",
    schema: whole.optional(),
    value: "epochs",
    help: "the number of epochs in one cosine of cosine_warmup_restart",
  },
  ema_decay: {
    group: "Optimization",
    schema: share.optional(),
    value: "factor",
    help: "use a moving average of the weights for validation, checkpoints and the result; each step keeps this share of the average",
  },
  loss: {
    group: "Optimization",
    schema: typeOf("loss", lossParts).optional(),
    value: "name",
    help: `${Object.keys(lossParts).join(", ")}, or ./file.ts#name, instead of the model file's`,
  },
  seed: {
    group: "Optimization",
    schema: z.int().nonnegative().default(0),
    value: "n",
    help: "the seed of the initial weights and the order of samples",
  },
} as const satisfies Record<string, Flag>;
