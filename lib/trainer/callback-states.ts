import type { Callback } from "./callback";

/** What a callback needs to go on, under its class and its number among those of the class. */
export interface CallbackState {
  readonly name: string;
  readonly number: number;
  readonly state: unknown;
}

export function statesOf(callbacks: readonly Callback[]): CallbackState[] {
  return keyed(callbacks).flatMap(({ callback, ...key }) =>
    callback.state ? [{ ...key, state: callback.state() }] : [],
  );
}

/** Callbacks that the earlier run did not have start anew. */
export function restoreStates(callbacks: readonly Callback[], states: readonly CallbackState[]): void {
  for (const { callback, name, number } of keyed(callbacks)) {
    const saved = states.find((each) => each.name === name && each.number === number);
    if (saved) callback.restore?.(saved.state);
  }
}

function keyed(callbacks: readonly Callback[]) {
  return callbacks.map((callback, i) => {
    const { name } = callback.constructor;
    const number = callbacks.slice(0, i).filter((other) => other.constructor.name === name).length;
    return { callback, name, number };
  });
}
