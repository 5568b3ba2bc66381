import { z } from "zod";
import type { OptionsOf } from "../../base/config";
import { defineScheduler, falling, type Schedule, type ScheduleState } from "./schedule";

const intervalShape = {
  /** Whether the rate changes after every epoch or after every step. Default "epoch". */
  interval: z.enum(["epoch", "step"]).default("epoch"),
};

/**
 * The options of the scheduler `cosine`.
 *
 * @interface
 */
export type IntervalOptions = OptionsOf<typeof intervalShape>;

const warmupShape = {
  ...intervalShape,
  /** The number of epochs of the warm-up. Default 5. */
  warmupEpochs: z.int().nonnegative().optional(),
  /** The number of steps of the warm-up, instead of epochs. Requires `interval: "step"`. */
  warmupSteps: z.int().nonnegative().optional(),
  /** The rate at the start of the warm-up. Default 0: with the interval "epoch", epoch 0 then trains nothing. */
  warmupStartLr: z.number().nonnegative().default(0),
  /** The rate at the end of the cosine. Default 0. */
  etaMin: z.number().nonnegative().default(0),
};

/**
 * The options of the scheduler `cosine_warmup`.
 *
 * @interface
 */
export type WarmupOptions = OptionsOf<typeof warmupShape>;

const restartShape = {
  ...warmupShape,
  /** The number of epochs in one cosine. Default: half of the epochs after the warm-up. */
  restartPeriod: z.int().positive().nullable().default(null),
};

/**
 * The options of the scheduler `cosine_warmup_restart`.
 *
 * @interface
 */
export type RestartOptions = OptionsOf<typeof restartShape>;

/** Checks the warm-up. Reports a zod issue when it is given twice, or in steps while the rate changes by epochs. */
function checkWarmup(
  { interval, warmupEpochs, warmupSteps }: WarmupOptions,
  { addIssue }: z.RefinementCtx,
): void {
  const refuse = (message: string) => addIssue({ code: "custom", path: ["warmupSteps"], message });
  if (warmupSteps === undefined) return;
  if (warmupEpochs !== undefined) refuse("takes the place of warmupEpochs; leave one of them out");
  if (interval === "epoch") refuse('needs interval: "step", where the rate changes from step to step');
}

/** Measures time in epochs: whole epochs, or fractions of epochs with the interval "step". */
function timed({ interval }: IntervalOptions, schedule: Schedule): Schedule {
  if (interval !== "step") return schedule;
  return (state) => {
    const { step, maxSteps, stepsPerEpoch } = state;
    return schedule({ ...state, epoch: step / stepsPerEpoch, maxEpochs: maxSteps / stepsPerEpoch });
  };
}

/** Lowers the rate from the base rate to 0 along half a cosine. */
export const cosine = defineScheduler(z.strictObject(intervalShape), (options) =>
  timed(options, ({ baseLr, epoch, maxEpochs }) => falling(baseLr, 0, epoch / maxEpochs)),
);

/**
 * Raises the rate linearly from `warmupStartLr` to the base rate, then lowers it along a cosine to `etaMin` over the
 * remaining epochs.
 */
export const cosineWarmup = defineScheduler(z.strictObject(warmupShape).superRefine(checkWarmup), (options) =>
  afterWarmup(options, (epoch, { baseLr }, remaining, etaMin) => falling(baseLr, etaMin, epoch / remaining)),
);

/** Works as `cosineWarmup`, but restarts the cosine every `restartPeriod` epochs (Loshchilov & Hutter 2017). */
export const cosineWarmupRestart = defineScheduler(
  z.strictObject(restartShape).superRefine(checkWarmup),
  ({ restartPeriod, ...options }) =>
    afterWarmup(options, (epoch, { baseLr }, remaining, etaMin) => {
      const period = Math.max(1, restartPeriod ?? Math.floor(remaining / 2));
      return falling(baseLr, etaMin, (epoch % period) / period);
    }),
);

function afterWarmup(
  { warmupEpochs = 5, warmupSteps, warmupStartLr = 0, etaMin = 0, ...options }: WarmupOptions,
  then: (epoch: number, state: ScheduleState, remaining: number, etaMin: number) => number,
): Schedule {
  return timed(options, (state) => {
    const { epoch, baseLr, maxEpochs, stepsPerEpoch } = state;
    const warmup = warmupSteps === undefined ? warmupEpochs : warmupSteps / stepsPerEpoch;
    if (epoch < warmup) return warmupStartLr + ((baseLr - warmupStartLr) * epoch) / warmup;
    const least = warmupSteps === undefined ? 1 : 1 / stepsPerEpoch;
    return then(epoch - warmup, state, Math.max(least, maxEpochs - warmup), etaMin);
  });
}
