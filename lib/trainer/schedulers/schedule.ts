import type { z } from "zod";
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
