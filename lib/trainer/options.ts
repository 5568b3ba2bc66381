import { z } from "zod";
import { checkedBy } from "../base/config";
import type { Accelerator, Devices } from "../distributed";
import type { PrecisionName } from "../engine";
import { PRECISIONS } from "../engine/precision";
import type { Callback } from "../protocols/callback";
import type { Observer } from "../protocols/events";
import { CLIP_ALGORITHMS, type ClipAlgorithm, type OptimizerOptions, parseOptimizer } from "./optim";
import { parseScheduler, type SchedulerOptions } from "./schedulers";

/** The options of the trainer. Names follow Lightning. */
export interface TrainerOptions {
  /** The name of the run. Its folder is `dir/name`. Default "run". */
  name?: string;
  /** The folder that holds the runs. Default "runs", in the working folder. */
  dir?: string;
  /** Whether to remove the files of an earlier run with the same name. Default false: an earlier run is an error. */
  overwrite?: boolean;
  /** The largest number of epochs. Default 100, or no limit if `maxSteps` is given. */
  maxEpochs?: number;
  /**
   * Ends the fit after this number of optimizer steps, with a validation and as `completed`, or after `maxEpochs` if
   * that comes first. Default: no limit.
   */
  maxSteps?: number;
  /** The number of steps in one epoch. Default: all batches of the training data. */
  stepsPerEpoch?: number;
  /** Saves and ends the fit, as `time`, after this number of seconds. Default: no limit. */
  maxTime?: number;
  /** The number of samples in a batch. Default 64. */
  batchSize?: number;
  /** The seed of the order of the samples. Default 0. */
  seed?: number;
  /**
   * The number of devices, `"auto"` for all available GPUs, or a list of GPU numbers. There is one process for each
   * device; on a CPU each process gets its share of the cores. `batchSize` is the batch size of each process. Default
   * 1: this process.
   */
  devices?: Devices;
  /** The kind of device. Default "auto": GPUs where available. */
  accelerator?: Accelerator;
  /** The number of times that failed processes are restarted from the last checkpoint. Default 0. */
  maxRestarts?: number;
  /** The number of seconds without progress after which one of several processes counts as hung. Default 300. */
  watchdog?: number;
  /** The number of batches whose gradients are averaged for one step. Default 1. */
  accumulateGradBatches?: number;
  /**
   * The precision. `bf16-mixed` computes convolutions and matrix products in bfloat16 on devices where that is faster.
   * Short names are accepted: `32` or `float32`, and `bf16`. Default "32-true".
   */
  precision?: PrecisionName;
  /**
   * The batches of a validation: a whole number above 1, or a share of all batches up to 1; 0 disables validation.
   * Default 1.
   */
  limitValBatches?: number;
  /**
   * The number of epochs from one validation to the next. The end of the last epoch is always validated. `null` makes
   * `valCheckInterval` count batches across epochs. Default 1.
   */
  checkValEveryNEpoch?: number | null;
  /**
   * The training batches from one validation to the next: a share of an epoch, up to 1, or a whole number above 1,
   * counted from the start of each epoch. With `accumulateGradBatches` this counts batches, not steps. Default 1: at
   * the end of an epoch.
   */
  valCheckInterval?: number;
  /** Runs one step and one validation batch in a separate folder, to check that everything works. Default false. */
  fastDevRun?: boolean;
  /** The number of batches to train on repeatedly, to check that the model can learn them. Default 0: all batches. */
  overfitBatches?: number;
  /**
   * Resumes from a checkpoint: its path, or `"auto"` (or `"last"`) for the checkpoint with the most steps in the run's
   * folder, if there is one. Losses and weights become the same as without the stop. A checkpoint that cannot be read
   * is never removed.
   */
  resume?: string;
  /** Saves and ends the fit, as `interrupted`, when this signal is aborted. */
  signal?: AbortSignal;
  /** The limit of the gradients. null or 0 disables clipping. Default 1. */
  gradientClipVal?: number | null;
  /**
   * Whether the limit applies to the global norm of the gradients ("norm") or to the size of each value. Default
   * "norm".
   */
  gradientClipAlgorithm?: ClipAlgorithm;
  /**
   * The optimizer: `{type, ...options}` with the type `adamw` (default), `adam`, `sgd`, `lion`, `muon`, or an export of
   * a module (`./file.ts#name`, made with `defineOptimizer`); a tfjs optimizer; or a function of the parameters.
   */
  optimizer?: OptimizerOptions;
  /**
   * The schedule of the learning rate: `{type, ...options}` with the type `none` (default), `step`, `plateau`,
   * `cosine`, `cosine_warmup`, `cosine_warmup_restart`, `one_cycle`, or an export of a module (`./file.ts#name`, made
   * by `defineScheduler`); or a function of the training's state, such as `({ epoch, baseLr }) => baseLr * 0.9 **
   * epoch`, which is called before every step.
   */
  scheduler?: SchedulerOptions;
  callbacks?: readonly (Callback | Observer)[];
}

const whole = z.int().positive();

const shape = z.strictObject({
  // `overwrite` empties the run's folder, so the folder may be neither `dir` itself nor outside of it.
  name: z
    .string()
    .min(1)
    .refine(
      (name) => !name.split(/[\\/]/).some((part) => /^\.{0,2}$/.test(part)),
      "must name a folder inside `dir`",
    )
    .default("run"),
  dir: z.string().default("runs"),
  overwrite: z.boolean().default(false),
  maxEpochs: whole.optional(),
  maxSteps: whole.optional(),
  stepsPerEpoch: whole.optional(),
  maxTime: z.number().positive().optional(),
  batchSize: whole.default(64),
  seed: z.int().nonnegative().default(0),
  devices: z
    .union([z.literal("auto"), whole, z.array(z.int().nonnegative()).min(1)], {
      error: 'must be a number of devices, "auto", or a list of GPU numbers',
    })
    .default(1),
  accelerator: z.enum(["auto", "gpu", "cpu"]).default("auto"),
  maxRestarts: z.int().nonnegative().default(0),
  watchdog: z.number().positive().default(300),
  accumulateGradBatches: whole.default(1),
  precision: z
    .enum(Object.keys(PRECISIONS) as PrecisionName[])
    .default("32-true")
    .transform((name) => PRECISIONS[name]),
  limitValBatches: z
    .number()
    .nonnegative()
    .refine((limit) => limit <= 1 || Number.isInteger(limit), {
      error: "must be a share of all batches, 0 to 1, or a whole number of them",
    })
    .default(1),
  checkValEveryNEpoch: whole.nullable().default(1),
  valCheckInterval: z
    .number()
    .positive()
    .refine((interval) => interval <= 1 || Number.isInteger(interval), {
      error: "must be a share of an epoch, above 0 and up to 1, or a whole number of batches",
    })
    .default(1),
  fastDevRun: z.boolean().default(false),
  overfitBatches: z.int().nonnegative().default(0),
  resume: z
    .string()
    .min(1)
    .transform((resume) => (resume === "last" ? "auto" : resume))
    .optional(),
  signal: z.instanceof(AbortSignal).optional(),
  gradientClipVal: z.number().nonnegative().nullable().default(1),
  gradientClipAlgorithm: z.enum(CLIP_ALGORITHMS).default("norm"),
  optimizer: checkedBy((value) => parseOptimizer(value)).prefault({}),
  scheduler: checkedBy((value) => parseScheduler(value)).prefault({}),
  callbacks: z
    .array(z.custom<Callback | Observer>((value) => typeof value === "object" && value !== null))
    .default([]),
});

/** The schema of the trainer's options. */
export const trainerSchema = shape.superRefine(refuseContradictions);

/** Rejects options that are valid alone but contradict each other. */
function refuseContradictions(options: z.output<typeof shape>, { addIssue }: z.RefinementCtx): void {
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
