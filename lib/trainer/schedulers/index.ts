export {
  type CheckedScheduler,
  isPortable,
  makeSchedule,
  parseScheduler,
  type SchedulerName,
  type SchedulerOptions,
  scheduleOf,
  schedulers,
} from "./config";
export type { IntervalOptions, RestartOptions, WarmupOptions } from "./cosine";
export type { OneCycleOptions } from "./one-cycle";
export { defineScheduler, type Schedule, type ScheduleState } from "./schedule";
