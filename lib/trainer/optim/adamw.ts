import { part } from "../../base/config";
import { type AdamOptions, adamRule, adamSchema } from "./adam";
import type { Optimized, StepOptions } from "./optimizer";
import { RuleOptimizer } from "./rule-optimizer";

export type AdamWOptions = AdamOptions;

/** AdamW (Loshchilov & Hutter 2019): Adam with weight decay of the value itself, `value (1 - lr weightDecay)`. */
export class AdamW extends RuleOptimizer {
  constructor(parameters: readonly Optimized[], options: AdamOptions = {}) {
    super("AdamW", parameters, adamRule(options, "decoupled"), options);
  }
}

export const adamw = part(
  "optimizer",
  adamSchema,
  (own, parameters: readonly Optimized[], options: StepOptions) =>
    new AdamW(parameters, { ...options, ...own }),
);
