import { z } from "zod";
import { defineScheduler, falling, type Schedule, type ScheduleState } from "./schedule";

/** The option of schedulers that may change the rate in every step. */
export interface IntervalOptions {
  /** Whether the rate changes after every epoch or after every step. Default "epoch". */
  interval?: "epoch" | "step" | undefined;
}

/** The options of `cosineWarmup`. */
export interface WarmupOptions extends IntervalOptions {
  /** The number of epochs of the warm-up. Default 5. */
  warmupEpochs?: number | undefined;
  /** The number of steps of the warm-up, instead of epochs. Requires `interval: "step"`. */
  warmupSteps?: number | undefined;
  /** The rate at the start of the warm-up. Default 0: with the interval "epoch", epoch 0 then trains nothing. */
  warmupStartLr?: number | undefined;
  /** The rate at the end of the cosine. Default 0. */
  etaMin?: number | undefined;
}

/** The options of `cosineWarmupRestart`. */
export interface RestartOptions extends WarmupOptions {
  /** The number of epochs in one cosine. Default: half of the epochs after the warm-up. */
  restartPeriod?: number | null | undefined;
}

const interval = z.enum(["epoch", "step"]).default("epoch");
const warmupShape = {
  interval,
  warmupEpochs: z.int().nonnegative().optional(),
  warmupSteps: z.int().nonnegative().optional(),
  warmupStartLr: z.number().nonnegative().default(0),
  etaMin: z.number().nonnegative().default(0),
};

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
export const cosine = defineScheduler(z.strictObject({ interval }), (options) =>
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
  z
    .strictObject({ ...warmupShape, restartPeriod: z.int().positive().nullable().default(null) })
    .superRefine(checkWarmup),
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
