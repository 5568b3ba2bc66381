import { z } from "zod";
import type { OptionsOf } from "../../base/config";
import { defineScheduler, falling } from "./schedule";

const shape = {
  /** The share of all steps in which the rate rises, above 0 and below 1. Default 0.3. */
  pctStart: z.number().gt(0).lt(1).default(0.3),
  /** Whether the rate follows half a cosine or a straight line. Default "cos". */
  annealStrategy: z.enum(["cos", "linear"]).default("cos"),
  /** The base rate divided by `divFactor` is the first rate. Default 25. */
  divFactor: z.number().positive().default(25),
  /** The first rate divided by `finalDivFactor` is the last rate. Default 1e4. */
  finalDivFactor: z.number().positive().default(1e4),
  /** Whether the rate falls for as many steps as it rose, and then continues to the last rate. Default false. */
  threePhase: z.boolean().default(false),
};

/**
 * The options of the scheduler `one_cycle`.
 *
 * @interface
 */
export type OneCycleOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

const line = (from: number, to: number, share: number) => from + (to - from) * share;

/**
 * Raises the rate to the base rate and lowers it again, step by step (Smith & Topin 2019), as PyTorch's `OneCycleLR`
 * with `max_lr` set to the base rate and `total_steps` to the steps of the training. The momentum is not changed.
 */
export const oneCycle = defineScheduler(
  schema,
  ({ pctStart, annealStrategy, divFactor, finalDivFactor, threePhase }) =>
    ({ step, baseLr, maxSteps }) => {
      const first = baseLr / divFactor;
      const last = first / finalDivFactor;
      const top = pctStart * maxSteps - 1;
      const end = maxSteps - 1;
      const middle = { until: 2 * pctStart * maxSteps - 2, to: first };
      const phases = [{ until: top, to: baseLr }, ...(threePhase ? [middle] : []), { until: end, to: last }];
      const anneal = annealStrategy === "cos" ? falling : line;
      let [from, start] = [first, 0];
      for (const { until, to } of phases) {
        if (step <= until || until === end) {
          const share = until > start ? Math.min(1, (step - start) / (until - start)) : 1;
          return anneal(from, to, share);
        }
        [from, start] = [to, until];
      }
      return last;
    },
);
