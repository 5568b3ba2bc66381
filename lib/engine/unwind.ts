import * as tf from "@tensorflow/tfjs-core";

/** Where a notebook's kernel finds what to call after it terminated a cell. */
const TERMINATED = Symbol.for("gradbook.terminated");
const listeners = globalThis as { [TERMINATED]?: Set<() => void> };

/** Calls back when whatever ran has been terminated, with nothing left on the stack. */
export function onTermination(callback: () => void): void {
  listeners[TERMINATED] ??= new Set();
  listeners[TERMINATED].add(callback);
}

/** What is to be undone of the code that runs now, innermost last. */
const open: (() => void)[] = [];

/** As `try { return run(); } finally { undo(); }`, but V8 runs no `finally` when a kernel terminates a cell. */
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
  // tfjs was in the middle of a kernel, a gradient, a tidy: it would record no gradient any more, and free nothing.
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
