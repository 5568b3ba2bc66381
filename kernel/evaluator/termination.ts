import { owner } from "../output/owner";
import { type Outgoing, SHARED, TERMINATE } from "../sockets/mail";
import type { AsyncWrap } from "./async-wrap";

/** The longest wait for the order, which takes a fraction of a millisecond. */
const MOST_MS = 1000;

const LEFT = "Interrupted: what this cell left running was stopped, its timers too.\n";

/** The key under which libraries in cells register functions to call after a termination. */
const TERMINATED = Symbol.for("gradbook.terminated");

interface Hooks {
  /**
   * Undefined on a Node version that lacks it. Cells are not terminated there, because a termination would end the
   * process.
   */
  asyncWrap: AsyncWrap | undefined;
  shared: Int32Array;
  send(message: Outgoing): void;
  /** The cell that runs; 0 if there is none. */
  current(): number;
}

/**
 * Lets V8 terminate a cell at any point of its execution. The sockets' thread requests the termination through the
 * inspector (see sockets/interrupts.ts). This thread confirms that the cell is still running, and blocks until V8 has
 * the order.
 *
 * Node treats an asynchronous context that was entered and never left as an internal error and ends the process. While
 * a termination is pending, this check is disabled. When this thread runs again, there are no contexts to leave.
 */
export class Termination {
  /** The number of Node's components that had requested the check. */
  private checks: number | undefined;

  constructor(private readonly hooks: Hooks) {
    Object.defineProperty(globalThis, Symbol.for(TERMINATE), { value: (cell: number) => this.agree(cell) });
  }

  private agree(cell: number): void {
    const { asyncWrap, shared, send, current } = this.hooks;
    if (!asyncWrap || current() !== cell) return;
    const whose = owner();
    if (whose.cause.cell !== cell) send({ kind: "stream", cause: whose.cause, name: "stderr", text: LEFT });
    // Timers of a terminated cell no longer fire.
    if (whose.cause.cell !== 0) whose.dead = true;
    const { async_hook_fields: fields, constants } = asyncWrap;
    this.checks ??= fields[constants.kCheck]!;
    fields[constants.kCheck] = 0;
    fields[constants.kTotals] = 0;
    Atomics.store(shared, SHARED.ordered, 0);
    send({ kind: "terminate" });
    // `Atomics.wait` cannot be used: the cell may be inside one, and V8 crashes on a nested wait.
    const end = performance.now() + MOST_MS;
    while (Atomics.load(shared, SHARED.ordered) === 0 && performance.now() < end);
  }

  /** Must be called at the bottom of the stack, when everything that was terminated has been unwound. */
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
    // Libraries restore here what a `finally` would have restored. An error in one of them is shown.
    const libraries = (globalThis as { [TERMINATED]?: Set<() => void> })[TERMINATED] ?? [];
    for (const putBack of libraries) void Promise.resolve().then(putBack);
  }
}
