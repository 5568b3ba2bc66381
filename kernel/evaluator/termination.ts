import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import koffi from "koffi";
import { type Owner, owner } from "../output/owner";
import {
  type AsyncHookFields,
  type Blocking,
  disableChecks,
  type Outgoing,
  SHARED,
  TERMINATE,
} from "../sockets/mail";

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
 * inspector (see sockets/control.ts). This thread confirms that the cell is still running, and blocks until V8 has
 * the order.
 *
 * Node treats an asynchronous context that was entered and never left as an internal error and ends the process. While
 * a termination is pending, this check is disabled. When this thread runs again, there are no contexts to leave.
 */
export class Termination {
  /** The last order that was received in the regular way. A termination that it asks for is not needed any more. */
  private heard = 0;
  /** The last order that a termination has carried out. The message about it may arrive later. */
  private answered = 0;
  /** The cell of a subshell that is being terminated. */
  private ended: Owner | undefined;

  constructor(private readonly hooks: Hooks) {
    Object.defineProperty(globalThis, Symbol.for(TERMINATE), {
      value: (cell: number, order: number, what: Blocking) => this.agree(cell, order, what),
    });
  }

  private agree(cell: number, order: number, what: Blocking): void {
    const { asyncWrap, shared, send, current } = this.hooks;
    const whose = owner();
    if (!asyncWrap || current() !== cell || this.heard >= order) return;
    if (what === "subshell" && !whose.stop) return;
    // The order itself is still to be carried out when only a subshell is ended.
    if (what === "any") this.answered = order;
    if (whose.stop) this.ended = whose;
    else if (whose.cause.cell !== cell)
      send({ kind: "stream", cause: whose.cause, name: "stderr", text: LEFT });
    // Timers of a terminated cell no longer fire.
    if (whose.cause.cell !== 0 || whose.stop) whose.dead = true;
    const { async_hook_fields: fields, constants } = asyncWrap;
    disableChecks(shared, fields, { checks: constants.kCheck, totals: constants.kTotals });
    Atomics.store(shared, SHARED.ordered, 0);
    send({ kind: "terminate" });
    // `Atomics.wait` cannot be used: the cell may be inside one, and V8 crashes on a nested wait.
    const end = performance.now() + MOST_MS;
    while (Atomics.load(shared, SHARED.ordered) === 0 && performance.now() < end);
  }

  /**
   * Confirms an order.
   *
   * @returns whether it is still to be carried out
   */
  hear(order: number): boolean {
    this.heard = order;
    this.hooks.send({ kind: "heard", order });
    return order > this.answered;
  }

  /** Must be called at the bottom of the stack, when everything that was terminated has been unwound. */
  over(): void {
    const { asyncWrap, shared } = this.hooks;
    const checks = Atomics.exchange(shared, SHARED.checks, 0);
    if (!asyncWrap || checks === 0) return;
    const { async_hook_fields: fields, constants } = asyncWrap;
    const { kInit, kBefore, kAfter, kDestroy, kPromiseResolve, kTotals, kCheck } = constants;
    asyncWrap.clearAsyncIdStack();
    this.ended?.stop?.();
    this.ended = undefined;
    const hooks = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];
    fields[kTotals] = hooks.reduce((sum, hook) => sum + fields[hook]!, 0);
    fields[kCheck] = fields[kCheck]! + checks - 1;
    // Libraries restore here what a `finally` would have restored. An error in one of them is shown.
    const libraries = (globalThis as { [TERMINATED]?: Set<() => void> })[TERMINATED] ?? [];
    for (const putBack of libraries) void Promise.resolve().then(putBack);
  }
}

/** Node's record of asynchronous contexts (`lib/internal/async_hooks.js`), which has no public API. */
export interface AsyncWrap {
  async_hook_fields: Uint32Array;
  constants: Record<(typeof FIELDS)[number], number>;
  clearAsyncIdStack(): void;
}

const FIELDS = ["kInit", "kBefore", "kAfter", "kDestroy", "kPromiseResolve", "kTotals", "kCheck"] as const;

/** Returns where the sockets' thread finds the counts that `agree` sets to 0. */
export function hookFields(asyncWrap: AsyncWrap | undefined): AsyncHookFields | undefined {
  if (!asyncWrap) return undefined;
  const { async_hook_fields: fields, constants } = asyncWrap;
  const address = koffi.address(fields);
  return { address, length: fields.byteLength, checks: constants.kCheck, totals: constants.kTotals };
}

/** Returns Node's bookkeeping; undefined, after a line in Jupyter's log, where this Node lacks it. */
export function asyncWrap(log: number): AsyncWrap | undefined {
  try {
    return findAsyncWrap();
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    writeSync(
      log,
      `gradbook: a cell that computes without a pause cannot be interrupted, only restarted: ${reason}. ` +
        "`npx gradbook setup` or `npx gradbook install` registers the kernel anew, with the flags that it needs.\n",
    );
    return undefined;
  }
}

/**
 * Returns Node's bookkeeping. kernel.json starts Node with `--expose-internals`, which makes it reachable (lib/cli/setup/kernel.ts).
 *
 * @throws Error when Node was started without that flag, or keeps asynchronous contexts in another form
 */
function findAsyncWrap(): AsyncWrap {
  const { internalBinding } = createRequire(__filename)("internal/test/binding") as {
    internalBinding(name: string): AsyncWrap;
  };
  const binding = internalBinding("async_wrap");
  const { async_hook_fields: fields, constants, clearAsyncIdStack } = binding;
  const isKnown =
    fields instanceof Uint32Array &&
    typeof clearAsyncIdStack === "function" &&
    FIELDS.every((name) => fields[constants[name]] !== undefined);
  if (!isKnown) throw new Error(`Node ${process.version} keeps asynchronous contexts in another form`);
  return binding;
}
