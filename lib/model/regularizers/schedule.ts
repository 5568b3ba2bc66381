import { z } from "zod";

interface ScheduleOptions {
  kind: keyof typeof SCHEDULES;
  start_epoch?: number | undefined;
  end_epoch?: number | undefined;
  start_lambda?: number | undefined;
}
type Schedule = {
  keys: readonly string[];
  at(given: { lambda: number; start: number; epoch: number } & Omit<ScheduleOptions, "kind">): number;
};

/** `schedule.kind` → lambda in an epoch. Lambda is 0 before `start_epoch` (default 0). */
const SCHEDULES = {
  constant: { keys: [], at: ({ lambda }) => lambda },
  /** First 0, then lambda, up to and including `end_epoch` if it is given. */
  warmup: {
    keys: ["start_epoch", "end_epoch"],
    at: ({ lambda, epoch, end_epoch = Number.POSITIVE_INFINITY }) => (epoch <= end_epoch ? lambda : 0),
  },
  /** Rises from 0 to lambda at `end_epoch`, then stays constant. */
  linear_ramp: {
    keys: ["start_epoch", "end_epoch"],
    at: ({ lambda, ...given }) => lambda * progress(given),
  },
  /** Goes from `start_lambda` (default lambda) to lambda at `end_epoch`, then stays constant. */
  linear_decay: {
    keys: ["start_epoch", "end_epoch", "start_lambda"],
    at: ({ lambda, start_lambda = lambda, ...given }) =>
      start_lambda + progress(given) * (lambda - start_lambda),
  },
} as const satisfies Record<string, Schedule>;

/** Returns the progress: 0 at the start, 1 from `end_epoch` on, and always 1 without `end_epoch`. */
function progress({
  start,
  end_epoch: end = start,
  epoch,
}: {
  start: number;
  end_epoch?: number | undefined;
  epoch: number;
}) {
  return end <= start ? 1 : Math.min(1, (epoch - start) / (end - start));
}

const epoch = z.int().nonnegative();

/** The schedule of lambda over epochs, which are counted from 0. */
export const scheduleSchema = z
  .strictObject({
    kind: z.enum(Object.keys(SCHEDULES) as [keyof typeof SCHEDULES]),
    start_epoch: epoch.optional(),
    end_epoch: epoch.optional(),
    start_lambda: z.number().nonnegative().optional(),
  })
  .superRefine((given, context) => {
    const allowed: readonly string[] = ["kind", ...SCHEDULES[given.kind].keys];
    for (const key of Object.keys(given).filter((k) => !allowed.includes(k)))
      context.addIssue({
        code: "custom",
        path: [key],
        message: `a ${given.kind} schedule has no ${key}; it has ${allowed.join(", ")}`,
      });
  });

/** Returns lambda in an epoch, counted from 0. */
export function lambdaIn(schedule: ScheduleOptions, lambda: number, epoch: number): number {
  const { kind, start_epoch: start = 0, ...rest } = schedule;
  if (epoch < start) return 0;
  return (SCHEDULES[kind] as Schedule).at({ ...rest, lambda, start, epoch });
}
