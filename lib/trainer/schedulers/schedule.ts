import { z } from "zod";
import { type Part, part } from "../../base/config";

/** The state of a training on which a learning rate may depend. */
export interface ScheduleState {
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** The number of optimizer steps taken. */
  readonly step: number;
  /** The learning rate of the optimizer's options. */
  readonly baseLr: number;
  readonly maxEpochs: number;
  /** The number of steps of the whole training, as far as it is known. */
  readonly maxSteps: number;
  readonly stepsPerEpoch: number;
  /** The validation loss of each finished epoch, oldest first; the training loss if there is no validation. */
  readonly losses?: readonly number[];
}

/** Returns the learning rate of a step. It is a pure function, so that a resumed run needs no scheduler state. */
export type Schedule = (state: ScheduleState) => number;

/**
 * Makes a scheduler that configurations can name, as an export of a module: `scheduler: { type: "./my_scheduler.ts#mine" }`.
 *
 * @param options a schema for its options
 * @param make returns the schedule from checked options
 * @example
 * export const halving = defineScheduler(z.strictObject({ every: z.int().positive() }), ({ every }) => ({ epoch, baseLr }) =>
 *   baseLr * 0.5 ** Math.floor(epoch / every));
 */
export function defineScheduler<S extends z.ZodType>(
  options: S,
  make: (options: z.output<S>) => Schedule,
): Part<"scheduler", [], Schedule> {
  return part("scheduler", options, make);
}

/** Returns the value at a share of the way from one value to another along half a cosine. */
export function falling(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

const nothing = z.strictObject({});

/** Keeps the base rate throughout. */
export const none = defineScheduler(nothing, () => (state) => state.baseLr);

/** Halves the rate after every 30 epochs. */
export const step = defineScheduler(
  nothing,
  () => (state) => state.baseLr * 0.5 ** Math.floor(state.epoch / 30),
);

/** The number of consecutive epochs without improvement that are tolerated. */
const PATIENCE = 3;
/** The relative improvement on the best loss that an epoch needs. */
const IMPROVEMENT = 1e-4;

/** Halves the rate when more than 3 consecutive epochs do not improve on the best loss by a relative 1e-4. */
export const plateau = defineScheduler(nothing, () => ({ epoch, baseLr, losses = [] }) => {
  let best = Number.POSITIVE_INFINITY;
  let bad = 0;
  let lr = baseLr;
  for (const loss of losses.slice(0, epoch)) {
    // The threshold lies below the best loss even if that is negative.
    const improved = best === Number.POSITIVE_INFINITY || loss < best - IMPROVEMENT * Math.abs(best);
    if (improved) best = loss;
    bad = improved ? 0 : bad + 1;
    if (bad > PATIENCE) {
      lr *= 0.5;
      bad = 0;
    }
  }
  return lr;
});
