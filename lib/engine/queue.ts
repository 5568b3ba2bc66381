import * as tf from "@tensorflow/tfjs-core";

/** The key of the global set of callbacks that a notebook's kernel calls after it terminated a cell. */
const TERMINATED = Symbol.for("gradbook.terminated");
const listeners = globalThis as { [TERMINATED]?: Set<() => void> };

/** Registers a callback that runs after running code has been terminated, when the stack is empty. */
function onTermination(callback: () => void): void {
  listeners[TERMINATED] ??= new Set();
  listeners[TERMINATED].add(callback);
}

/** The undo functions of the running code, innermost last. */
const open: (() => void)[] = [];

/** Works like `try { return run(); } finally { undo(); }`, but also when a kernel terminates a cell, where V8 skips `finally`. */
export function unwinding<T>(run: () => T, undo: () => void): T {
  open.push(undo);
  try {
    return run();
  } finally {
    open.pop();
    undo();
  }
}

onTermination(() => {
  while (open.length > 0) open.pop()!();
  // tfjs was inside a kernel, a gradient or a tidy. Without this reset, it would record no gradients and free nothing.
  const engine = tf.engine();
  const { state } = engine;
  state.kernelDepth = 0;
  state.gradientDepth = 0;
  state.numDataMovesStack = [];
  state.profiling = false;
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved);
  state.activeTape = null as never;
  while (state.activeScope) engine.endScope();
});

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
