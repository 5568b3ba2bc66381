import { z } from "zod";
import { defineScheduler } from "./schedule";

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
