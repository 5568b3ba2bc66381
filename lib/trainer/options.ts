import { z } from "zod";
import { checkedBy } from "../base/config";
import type { Accelerator, Devices } from "../distributed";
import type { Callback } from "../protocols/callback";
import type { Observer } from "../protocols/events";
import { CLIP_ALGORITHMS, type ClipAlgorithm, type OptimizerOptions, parseOptimizer } from "./optim";
import { parseScheduler, type SchedulerOptions } from "./schedulers";

/** Options of the trainer; names are Lightning's. */
export interface TrainerOptions {
  /** The run's folder is `dir/name`. Default "run". */
  name?: string;
  /** Default "runs", in the working folder. */
  dir?: string;
  /** Remove the files that an earlier run of the same name wrote. Default false: that is an error. */
  overwrite?: boolean;
  /** Default 100; with `maxSteps`, as many as these take. */
  maxEpochs?: number;
  /** Ends the fit after so many optimizer steps, validated and as `completed`, or after `maxEpochs` if that is sooner. Default: no limit. */
  maxSteps?: number;
  /** Steps of one epoch; default: all batches of the training data. */
  stepsPerEpoch?: number;
  /** Ends the fit after so many seconds, saved, as `time`. Default: none. */
  maxTime?: number;
  /** Samples in a batch. Default 64. */
  batchSize?: number;
  /** Of the order of the samples. Default 0. */
  seed?: number;
  /**
   * How many devices, `"auto"` for all GPUs there are, or the numbers of GPUs; a process for each, on a CPU with its share of the
   * cores. `batchSize` is that of each process. Default 1: this process.
   */
  devices?: Devices;
  /** Default "auto": GPUs where there are any. */
  accelerator?: Accelerator;
  /** How often processes that failed are started again, from the last checkpoint. Default 0. */
  maxRestarts?: number;
  /** Seconds without progress after which one of several processes counts as hung. Default 300. */
  watchdog?: number;
  /** Batches whose gradients are averaged for one step. Default 1. */
  accumulateGradBatches?: number;
  /** `bf16-mixed`: convolutions and matrix products in bfloat16, where the device gains by it. Default "float32". */
  precision?: "float32" | "bf16-mixed";
  /** Batches of a validation: a number over 1, or a share of all, up to 1; 0 validates nothing. Default 1. */
  limitValBatches?: number;
  /**
   * Validates in every so many epochs; the end of the last one is validated in any case. `null` counts the batches of
   * `valCheckInterval` across epochs. Default 1.
   */
  checkValEveryNEpoch?: number | null;
  /**
   * Training batches from one validation to the next: a share of an epoch, up to 1, or a whole number over 1, counted from the
   * start of each epoch. With `accumulateGradBatches` these are batches, not steps. Default 1: at the end of an epoch.
   */
  valCheckInterval?: number;
  /** One step and one validation batch, to see that all of it runs; keeps its own folder. Default false. */
  fastDevRun?: boolean;
  /** Train on the same few batches again and again, to see that the model can learn them. Default 0: all batches. */
  overfitBatches?: number;
  /**
   * Go on from a checkpoint: its path, or `"auto"` (or `"last"`) for the one of most steps in the run's folder, if there is one.
   * Losses and weights become what they would have been without the stop. A checkpoint that cannot be read is never removed.
   */
  resume?: string;
  /** Ends the fit, saved, as `interrupted` when it is aborted. */
  signal?: AbortSignal;
  /** The limit of the gradients; null or 0 is no limit. Default 1. */
  gradientClipVal?: number | null;
  /** Whether the limit is one of the gradients' global norm or of each value's size. Default "norm". */
  gradientClipAlgorithm?: ClipAlgorithm;
  /**
   * How parameters are stepped: `{type, ...options}` with the type `adamw` (default), `adam`, `sgd`, `lion`, an export of a module
   * (`./file.ts#name`, made by `defineOptimizer`), an optimizer of tfjs, or a function of the parameters.
   */
  optimizer?: OptimizerOptions;
  /**
   * How the learning rate goes: `{type, ...options}` with the type `none` (default), `step`, `plateau`, `cosine`, `cosine_warmup`,
   * `cosine_warmup_restart`, `one_cycle`, or an export of a module (`./file.ts#name`, made by `defineScheduler`); or a function of the
   * training's state, such as `({ epoch, baseLr }) => baseLr * 0.9 ** epoch`, which is asked before every step.
   */
  scheduler?: SchedulerOptions;
  callbacks?: readonly (Callback | Observer)[];
}

const whole = z.int().positive();

const shape = z.strictObject({
  // The run's folder is emptied by `overwrite`: it may not be `dir` itself, nor outside of it.
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
  precision: z.enum(["float32", "bf16-mixed"]).default("float32"),
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

export const trainerSchema = shape.superRefine(refuseContradictions);

/** Options that are possible by themselves, but not together. */
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

export type CheckedOptions = z.output<typeof trainerSchema>;
