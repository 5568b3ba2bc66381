import {
  cosine,
  cosineWarmup,
  cosineWarmupRestart,
  none,
  plateau,
  type RestartOptions,
  type Schedule,
  step,
} from "./schedulers";

export type { RestartOptions } from "./schedulers";

/** `type` → schedule. */
export const schedulers = {
  none,
  step,
  plateau,
  cosine,
  cosine_warmup: cosineWarmup,
  cosine_warmup_restart: cosineWarmupRestart,
} as const satisfies Record<string, (options: RestartOptions) => Schedule>;

export type SchedulerOptions = { type: keyof typeof schedulers } & RestartOptions;

/** The schedule of a type; schedules without a warm-up take no notice of its options. */
export function makeSchedule({ type, ...options }: SchedulerOptions): Schedule {
  return schedulers[type](options);
}
