import { z } from "zod";
import { ConfigError, check, checkTyped, type Part, partOf, type UserType } from "../../base/config";
import {
  cosine,
  cosineWarmup,
  cosineWarmupRestart,
  type IntervalOptions,
  type RestartOptions,
  type WarmupOptions,
} from "./cosine";
import { type OneCycleOptions, oneCycle } from "./one-cycle";
import { none, plateau, type Schedule, step } from "./schedule";

type SchedulerPart = Part<"scheduler", [], Schedule>;

/** The schedulers by type. */
export const schedulers = {
  none,
  step,
  plateau,
  cosine,
  cosine_warmup: cosineWarmup,
  cosine_warmup_restart: cosineWarmupRestart,
  one_cycle: oneCycle,
} as const satisfies Record<string, SchedulerPart>;

const library: Readonly<Record<string, SchedulerPart>> = schedulers;

/** The name of one of the library's schedulers. */
export type SchedulerName = keyof typeof schedulers;

/**
 * A scheduler and its options. The type determines the available options. A function of the training's state may
 * replace the object.
 */
export type SchedulerOptions =
  | { type?: "none" | "step" | "plateau" }
  | ({ type: "cosine" } & IntervalOptions)
  | ({ type: "cosine_warmup" } & WarmupOptions)
  | ({ type: "cosine_warmup_restart" } & RestartOptions)
  | ({ type: "one_cycle" } & OneCycleOptions)
  | { type: UserType; [option: string]: unknown }
  | Schedule;

/** The key of a schedule that was given as a function. It is a symbol, so the function is never written into files. */
const GIVEN = Symbol("schedule");

/** Checked options with defaults filled in: plain data, apart from a function. */
export interface CheckedScheduler {
  /** A name in `schedulers`, an export of a module, or `function`. */
  readonly type: string;
  readonly [option: string]: unknown;
  readonly [GIVEN]?: Schedule;
}

const message = `must be an object such as { type: "cosine_warmup", warmupEpochs: 5 }, or a function of the training's state`;
const optionsSchema = z.looseObject(
  {
    type: z
      .string({ error: `must be one of ${Object.keys(schedulers).join(", ")}, or ./file.ts#export` })
      .default("none"),
  },
  { error: message },
);

/** Checks the options of a scheduler. @throws ConfigError for an unknown type, unknown options, and invalid values */
export function parseScheduler(value: unknown, where = "scheduler"): CheckedScheduler {
  if (typeof value === "function") return { type: "function", name: value.name, [GIVEN]: value as Schedule };
  const options = check(optionsSchema, value, where);
  const { type, own } = checkTyped({ kind: "scheduler", library, common: z.strictObject({}) }, options, {
    where,
    path: "",
  });
  return { type, ...own };
}

/**
 * Whether another process can make the schedule. It can load modules, but has no access to functions of this process.
 */
export const isPortable = ({ type }: CheckedScheduler): boolean => type !== "function";

/**
 * Returns the schedule of checked options.
 *
 * @throws ConfigError, when the schedule is called, if it returns anything but a number of 0 or more
 */
export function scheduleOf({ type, ...own }: CheckedScheduler): Schedule {
  const at = { where: "Trainer", path: "scheduler" };
  const schedule = own[GIVEN] ?? partOf("scheduler", library, type, at).make(own, at);
  return (state) => {
    const lr = schedule(state);
    if (typeof lr === "number" && lr >= 0 && Number.isFinite(lr)) return lr;
    const message = `returned ${lr} for step ${state.step} of epoch ${state.epoch}; a learning rate is a number of 0 or more`;
    throw new ConfigError(at.where, [{ path: at.path, message }]);
  };
}

/** Returns the schedule of a type, for use without a trainer. @throws ConfigError for unknown options */
export function makeSchedule(options: SchedulerOptions): Schedule {
  return scheduleOf(parseScheduler(options));
}
