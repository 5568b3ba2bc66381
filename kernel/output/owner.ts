import { AsyncLocalStorage } from "node:async_hooks";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { inspect } from "node:util";
import type { Cause } from "../sockets/mail";

/** The running code's cell, and whether its output is still accepted. */
export interface Owner {
  cause: Cause;
  /** Whether the cell was ended from outside. Nothing that it does has an effect any more. */
  dead: boolean;
  /** Whether the client has been told that the cell failed. */
  failed?: boolean;
  /** Ends a cell of a subshell. Such cells are not the evaluator's. */
  stop?: () => void;
  /** Whether the client can be asked for input. */
  mayAsk?: boolean;
}

const owners = new AsyncLocalStorage<Owner>();

/** The owner when no cell is known. Output goes to the last cell. */
const NOBODY: Owner = { cause: { cell: 0, identities: [], header: {} }, dead: false };

/**
 * Returns the owner of the running code. A timer, a promise's continuation and an event belong to the cell that created
 * them.
 */
export const owner = (): Owner => owners.getStore() ?? NOBODY;

export const runAs = <T>(one: Owner, run: () => T): T => owners.run(one, run);

/** Whether this belongs to the cell whose code is running, and that cell was ended from outside. */
export function isOfDead({ cell }: Cause): boolean {
  const { dead, cause } = owner();
  return cell !== 0 && dead && cause.cell === cell;
}

/** Returns the owner of a rejected promise. Node calls the handler of such rejections outside of their context. */
export function ownerOf(promise: Promise<unknown>): Owner {
  const { kResourceStore } = owners as unknown as { kResourceStore?: symbol };
  const store = kResourceStore && (promise as unknown as Record<symbol, Owner | undefined>)[kResourceStore];
  return store || owner();
}

/** Keeps the records that Node attaches to every promise, among them its owner, out of what is printed of the promise. */
export function hideOwners(): void {
  const hide = function (this: Promise<unknown>) {
    for (const key of Object.getOwnPropertySymbols(this))
      if (RECORDS.has(String(key.description))) Object.defineProperty(this, key, HIDDEN);
    return this;
  };
  Object.defineProperty(Promise.prototype, inspect.custom, {
    value: hide,
    configurable: true,
    writable: true,
  });
}

/** It has no prototype, to which cells could add members of descriptors. */
const HIDDEN = Object.setPrototypeOf({ enumerable: false }, null) as PropertyDescriptor;

const RECORDS = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore"]);

/** Thrown into the running code of a cell after it was stopped. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("the cell was stopped");
  }
}

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
