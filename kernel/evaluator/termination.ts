import { owner } from "../output/owner";
import { type Outgoing, SHARED, TERMINATE } from "../sockets/mail";
import type { AsyncWrap } from "./async-wrap";

/** The longest wait for the order, which takes a fraction of a millisecond. */
const MOST_MS = 1000;

const LEFT = "Interrupted: what this cell left running was stopped, its timers too.\n";

/** Where code that runs in cells leaves what is to be called after one was terminated. */
const TERMINATED = Symbol.for("gradbook.terminated");

interface Hooks {
  /** Undefined on a Node that lacks it, where a termination would end the process: nothing is terminated there. */
  asyncWrap: AsyncWrap | undefined;
  shared: Int32Array;
  send(message: Outgoing): void;
  /** The cell that runs; 0 if there is none. */
  current(): number;
}

/**
 * Lets V8 terminate a cell, wherever it is. The sockets' thread asks for that through the inspector, in the middle of what runs
 * (see sockets/interrupts.ts): this thread agrees if that is still the cell, and stands still until V8 has the order.
 *
 * A context that was entered and is never left looks like a bug of Node's own, for which it ends the process. While a termination
 * is on its way Node does not look; when this thread is heard of again, there are no contexts to leave.
 */
export class Termination {
  /** How many of Node's parts had asked it to look. */
  private checks: number | undefined;

  constructor(private readonly hooks: Hooks) {
    Object.defineProperty(globalThis, Symbol.for(TERMINATE), { value: (cell: number) => this.agree(cell) });
  }

  private agree(cell: number): void {
    const { asyncWrap, shared, send, current } = this.hooks;
    if (!asyncWrap || current() !== cell) return;
    const whose = owner();
    if (whose.cause.cell !== cell) send({ kind: "stream", cause: whose.cause, name: "stderr", text: LEFT });
    // Its timers do not bring it back.
    if (whose.cause.cell !== 0) whose.dead = true;
    const { async_hook_fields: fields, constants } = asyncWrap;
    this.checks ??= fields[constants.kCheck]!;
    fields[constants.kCheck] = 0;
    fields[constants.kTotals] = 0;
    Atomics.store(shared, SHARED.ordered, 0);
    send({ kind: "terminate" });
    // Not `Atomics.wait`: the cell may be in one itself, and V8 does not survive one within another.
    const end = performance.now() + MOST_MS;
    while (Atomics.load(shared, SHARED.ordered) === 0 && performance.now() < end);
  }

  /** To be called at the bottom of the stack: whatever was terminated is gone. */
  over(): void {
    const { asyncWrap } = this.hooks;
    if (!asyncWrap || this.checks === undefined) return;
    const { async_hook_fields: fields, constants } = asyncWrap;
    const { kInit, kBefore, kAfter, kDestroy, kPromiseResolve, kTotals, kCheck } = constants;
    asyncWrap.clearAsyncIdStack();
    const hooks = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];
    fields[kTotals] = hooks.reduce((sum, hook) => sum + fields[hook]!, 0);
    fields[kCheck] = fields[kCheck]! + this.checks;
    this.checks = undefined;
    // Libraries put back what a `finally` would have; where one fails, that is shown.
    const libraries = (globalThis as { [TERMINATED]?: Set<() => void> })[TERMINATED] ?? [];
    for (const putBack of libraries) void Promise.resolve().then(putBack);
  }
}
