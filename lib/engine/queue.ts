import { onTermination } from "./unwind";

let last: Promise<unknown> = Promise.resolve();
/** Calls that TensorFlow's thread is at. */
let executing = 0;

/** Two steps never run at once: both would read and replace the same variables. */
export function exclusively<T>(start: () => Promise<T>): Promise<T> {
  const mine = last.then(start, start);
  last = mine.catch(() => {});
  return mine;
}

/** Notes that TensorFlow's thread begins a call. @returns to be called from there when it ends */
export function executes(): () => void {
  executing++;
  return () => {
    executing--;
  };
}

// Who was terminated never says that it is done, and all steps to come would wait for it.
onTermination(() => {
  if (executing === 0) last = Promise.resolve();
});
