import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { owner } from "./owner";

type Callback = (...values: unknown[]) => unknown;
type Schedule = (callback: Callback, ...rest: unknown[]) => unknown;

/** Stops the timers of a stopped cell, so that a loop that sleeps ends with it. */
export function endTimersWithCells(): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = timers[name] as unknown as Schedule;
    const guarded: Schedule = (callback, ...rest) => {
      if (typeof callback !== "function") return original(callback, ...rest);
      const whose = owner();
      return original(
        function (this: unknown, ...values) {
          if (!whose.dead) return callback.apply(this, values);
          if (name === "setInterval") clearInterval(this as NodeJS.Timeout);
        },
        ...rest,
      );
    };
    // Keeps `util.promisify(setTimeout)` as it is.
    Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original));
    Reflect.set(timers, name, guarded);
    Reflect.set(globalThis, name, guarded);
  }
  for (const name of ["setTimeout", "setImmediate"] as const) {
    const original = timersPromises[name] as (...values: unknown[]) => Promise<unknown>;
    const guarded = async (...values: unknown[]) => {
      const whose = owner();
      const value = await original(...values);
      return whose.dead ? new Promise(() => {}) : value;
    };
    Reflect.set(timersPromises, name, guarded);
  }
}
