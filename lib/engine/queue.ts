import { onTermination } from "./unwind";

let last: Promise<unknown> = Promise.resolve();
/** The number of calls that TensorFlow's thread is executing. */
let executing = 0;

/** Runs steps one after another, because two concurrent steps would read and replace the same variables. */
export function exclusively<T>(start: () => Promise<T>): Promise<T> {
  const mine = last.then(start, start);
  last = mine.catch(() => {});
  return mine;
}

/** Records that TensorFlow's thread begins a call. @returns a function that the thread calls when the call ends */
export function executes(): () => void {
  executing++;
  return () => {
    executing--;
  };
}

// A terminated step never settles its promise, and all later steps would wait for it.
onTermination(() => {
  if (executing === 0) last = Promise.resolve();
});
