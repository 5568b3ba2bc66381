import { z } from "zod";
import { checkedBy, type OptionsOf } from "../base/config";
import type { PrecisionName } from "../engine";
import { PRECISIONS } from "../engine/precision";
import type { Callback } from "../protocols/callback";
import type { Observer } from "../protocols/events";
import { CLIP_ALGORITHMS } from "./optim/clip";
import { type CheckedOptimizer, type OptimizerOptions, parseOptimizer } from "./optim/config";
import { type CheckedScheduler, parseScheduler, type SchedulerOptions } from "./schedulers/config";

const whole = z.int().positive();

const shape = {
  /** The name of the run. Its folder is `dir/name`. Default "run". */
  // `overwrite` empties the run's folder, so the folder may be neither `dir` itself nor outside of it.
  name: z
    .string()
    .min(1)
    .refine(
      (name) => !name.split(/[\\/]/).some((part) => /^\.{0,2}$/.test(part)),
      "must name a folder inside `dir`",
    )
    .default("run"),
  /** The folder that holds the runs. Default "runs", in the working folder. */
  dir: z.string().default("runs"),
  /** Whether to remove the files of an earlier run with the same name. Default false: an earlier run is an error. */
  overwrite: z.boolean().default(false),
  /** The largest number of epochs. Default 100, or no limit if `maxSteps` is given. */
  maxEpochs: whole.optional(),
  /**
   * Ends the fit after this number of optimizer steps, with a validation and as `completed`, or after `maxEpochs` if
   * that comes first. Default: no limit.
   */
  maxSteps: whole.optional(),
  /** The number of steps in one epoch. Default: all batches of the training data. */
  stepsPerEpoch: whole.optional(),
  /** Saves and ends the fit, as `time`, after this number of seconds. Default: no limit. */
  maxTime: z.number().positive().optional(),
  /** The number of samples in a batch. Default 64. */
  batchSize: whole.default(64),
  /** The seed of the order of the samples. Default 0. */
  seed: z.int().nonnegative().default(0),
  /**
   * The number of devices, `"auto"` for all available GPUs, or a list of GPU numbers. There is one process for each
   * device; on a CPU each process gets its share of the cores. `batchSize` is the batch size of each process. Default
   * 1: this process.
   */
  devices: z
    .union([z.literal("auto"), whole, z.array(z.int().nonnegative()).min(1).readonly()], {
      error: 'must be a number of devices, "auto", or a list of GPU numbers',
    })
    .default(1),
  /** The kind of device. Default "auto": GPUs where available. */
  accelerator: z.enum(["auto", "gpu", "cpu"]).default("auto"),
  /** The number of times that failed processes are restarted from the last checkpoint. Default 0. */
  maxRestarts: z.int().nonnegative().default(0),
  /** The number of seconds without progress after which one of several processes counts as hung. Default 300. */
  watchdog: z.number().positive().default(300),
  /** The number of batches whose gradients are averaged for one step. Default 1. */
  accumulateGradBatches: whole.default(1),
  /**
   * The precision. `bf16-mixed` computes convolutions and matrix products in bfloat16 on devices where that is faster.
   * Short names are accepted: `32` or `float32`, and `bf16`. Default "32-true".
   */
  precision: z
    .enum(Object.keys(PRECISIONS) as PrecisionName[])
    .default("32-true")
    .transform((name) => PRECISIONS[name]),
  /**
   * The batches of a validation, of all processes together: a whole number above 1, or a share of all batches up to 1; 0 disables validation.
   * Default 1.
   */
  limitValBatches: z
    .number()
    .nonnegative()
    .refine((limit) => limit <= 1 || Number.isInteger(limit), {
      error: "must be a share of all batches, 0 to 1, or a whole number of them",
    })
    .default(1),
  /**
   * The number of epochs from one validation to the next. The end of the last epoch is always validated. `null` makes
   * `valCheckInterval` count batches across epochs. Default 1.
   */
  checkValEveryNEpoch: whole.nullable().default(1),
  /**
   * The training batches from one validation to the next: a share of an epoch, up to 1, or a whole number above 1,
   * counted from the start of each epoch. With `accumulateGradBatches` this counts batches, not steps. Default 1: at
   * the end of an epoch.
   */
  valCheckInterval: z
    .number()
    .positive()
    .refine((interval) => interval <= 1 || Number.isInteger(interval), {
      error: "must be a share of an epoch, above 0 and up to 1, or a whole number of batches",
    })
    .default(1),
  /**
   * Runs one step and one validation batch in a separate folder, to check that everything works. Each of several processes has one batch of
   * both. Default false.
   */
  fastDevRun: z.boolean().default(false),
  /** The number of batches to train on repeatedly, to check that the model can learn them. Default 0: all batches. */
  overfitBatches: z.int().nonnegative().default(0),
  /**
   * Resumes from a checkpoint: its path, or `"auto"` (or `"last"`) for the checkpoint with the most steps in the run's
   * folder, if there is one. Losses and weights become the same as without the stop. A checkpoint that cannot be read
   * is never removed.
   */
  resume: z
    .string()
    .min(1)
    .transform((resume) => (resume === "last" ? "auto" : resume))
    .optional(),
  /** Saves and ends the fit, as `interrupted`, when this signal is aborted. */
  signal: z.instanceof(AbortSignal).optional(),
  /** The limit of the gradients. null or 0 disables clipping. Default 1. */
  gradientClipVal: z.number().nonnegative().nullable().default(1),
  /**
   * Whether the limit applies to the global norm of the gradients ("norm") or to the size of each value. Default
   * "norm".
   */
  gradientClipAlgorithm: z.enum(CLIP_ALGORITHMS).default("norm"),
  /**
   * The optimizer: `{type, ...options}` with the type `adamw` (default), `adam`, `sgd`, `lion`, `muon`, or an export of
   * a module (`./file.ts#name`, made with `defineOptimizer`); a tfjs optimizer; or a function of the parameters.
   */
  optimizer: checkedBy<CheckedOptimizer, OptimizerOptions>((value) => parseOptimizer(value)).prefault({}),
  /**
   * The schedule of the learning rate: `{type, ...options}` with the type `none` (default), `step`, `plateau`,
   * `cosine`, `cosine_warmup`, `cosine_warmup_restart`, `one_cycle`, or an export of a module (`./file.ts#name`, made
   * by `defineScheduler`); or a function of the training's state, such as `({ epoch, baseLr }) => baseLr * 0.9 **
   * epoch`, which is called before every step.
   */
  scheduler: checkedBy<CheckedScheduler, SchedulerOptions>((value) => parseScheduler(value)).prefault({}),
  callbacks: z
    .array(z.custom<Callback | Observer>((value) => typeof value === "object" && value !== null))
    .readonly()
    .default([]),
};

/**
 * The options of the trainer. Names follow Lightning.
 *
 * @interface
 */
export type TrainerOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

export const trainerSchema = schema.superRefine(refuseContradictions);

/** Rejects options that are valid alone but contradict each other. */
function refuseContradictions(options: z.output<typeof schema>, { addIssue }: z.RefinementCtx): void {
  const { valCheckInterval: interval, checkValEveryNEpoch, limitValBatches } = options;
  const refuse = (path: string, message: string) => addIssue({ code: "custom", path: [path], message });
  if (checkValEveryNEpoch === null && interval <= 1)
    refuse(
      "checkValEveryNEpoch",
      "is null, which counts batches across epochs: give their number as `valCheckInterval`, over 1",
    );
  if (interval !== 1 && limitValBatches === 0)
    refuse(
      "valCheckInterval",
      "asks for validations, but `limitValBatches` is 0, which validates nothing; leave one of them out",
    );
}

/** Checked options of the trainer, with defaults filled in. */
export type CheckedOptions = z.output<typeof trainerSchema>;
