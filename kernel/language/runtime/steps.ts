import { has } from "../globals";

/** A result that can be awaited, or computed synchronously while the thread blocks. */
export interface Step<T> {
  later(): T | Promise<T>;
  now(): T;
}

/** Work that consists of steps, written once for both asynchronous and synchronous use. */
export type Steps<T> = Generator<Step<unknown>, T, unknown>;

export function* take<T>(step: Step<T>): Steps<T> {
  return (yield step) as T;
}

/** Makes a step whose result is the same in both uses. */
export const step = <T>(answer: () => T): Step<T> => ({ later: answer, now: answer });

export async function later<T>(steps: Steps<T>): Promise<T> {
  let turn = steps.next();
  while (!turn.done) {
    const { value } = turn;
    const taken = await settled(() => value.later());
    turn = has(taken, "error") ? steps.throw(taken.error) : steps.next(taken.value);
  }
  return turn.value;
}

export function now<T>(steps: Steps<T>): T {
  let turn = steps.next();
  while (!turn.done) {
    let value: unknown;
    try {
      value = turn.value.now();
    } catch (error) {
      turn = steps.throw(error);
      continue;
    }
    turn = steps.next(value);
  }
  return turn.value;
}

async function settled(take: () => unknown): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await take() };
  } catch (error) {
    return { error };
  }
}
