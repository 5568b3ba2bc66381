import { TERMINATED } from "../sockets/mail";

/** Node's bookkeeping of asynchronous contexts (`lib/internal/async_hooks.js`), which has no public name. */
interface AsyncWrap {
  async_hook_fields: Uint32Array;
  constants: Record<
    "kInit" | "kBefore" | "kAfter" | "kDestroy" | "kPromiseResolve" | "kTotals" | "kCheck",
    number
  >;
  clearAsyncIdStack(): void;
}

/**
 * Lets V8 terminate what runs on this thread, wherever that is. A context that was entered and is never left would look like
 * a bug of Node's own, for which it ends the process: while a termination is on its way Node does not look, and when this
 * thread is heard of again, there are no contexts to leave.
 */
export class Termination {
  private readonly async = (process as unknown as { binding(name: string): AsyncWrap }).binding("async_wrap");
  /** How many of Node's parts had asked for checks. */
  private checks: number | undefined;

  constructor() {
    // What the sockets' thread calls through the inspector, in the middle of what it is about to terminate.
    Object.defineProperty(globalThis, Symbol.for(TERMINATED), { value: () => this.expect() });
  }

  private expect(): void {
    const { async_hook_fields: fields, constants } = this.async;
    this.checks ??= fields[constants.kCheck]!;
    fields[constants.kCheck] = 0;
    fields[constants.kTotals] = 0;
  }

  /** To be called at the bottom of the stack: whatever was terminated is gone. */
  over(): void {
    if (this.checks === undefined) return;
    const { async_hook_fields: fields, constants } = this.async;
    const { kInit, kBefore, kAfter, kDestroy, kPromiseResolve, kTotals, kCheck } = constants;
    this.async.clearAsyncIdStack();
    const hooks = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];
    fields[kTotals] = hooks.reduce((sum, hook) => sum + fields[hook]!, 0);
    fields[kCheck] = fields[kCheck]! + this.checks;
    this.checks = undefined;
  }
}
