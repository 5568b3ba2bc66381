import type { MessagePort } from "node:worker_threads";
import type { Connection, Header, Request } from "../protocol/message";

/** The data with which the sockets' thread is started. */
export interface SocketData {
  connection: Connection;
  version: string;
  /** Numbers that both threads can read at any time, even while one is busy. */
  shared: Int32Array;
  pipes: ReadEnds;
  /** File descriptor of the kernel's own log. */
  log: number;
  /** Undefined on a Node without them: cells are not terminated there. */
  hooks: AsyncHookFields | undefined;
  /** Gets the lines that the user enters. */
  lines: MessagePort;
  /** Leads to the language thread, for the expressions of a debugger. */
  expressions: MessagePort;
}

/** The read ends of the pipes to which native code and child processes write as file descriptors 1 and 2. */
export interface ReadEnds {
  stdout?: number;
  stderr?: number;
}

/** Node's counts of asynchronous hooks, in the memory of the main thread. */
export interface AsyncHookFields {
  address: bigint;
  /** The length in bytes. */
  length: number;
  /** The places of the fields that make Node check asynchronous contexts. */
  checks: number;
  totals: number;
}

/** Places in `shared`. */
export const SHARED = {
  /** The number of listeners that will stop the cell in order on an interrupt. */
  listeners: 0,
  /** Node's checks of asynchronous contexts, plus 1, while a termination is pending: see evaluator/termination.ts. */
  checks: 2,
  /** 1 when V8 has the termination order for which the main thread waits. */
  ordered: 1,
  /** The number of the cell that runs; 0 if there is none. */
  cell: 3,
  /** The number of attached debuggers: 0 or 1. */
  debugged: 4,
  /** The number of lines that the user has entered. The main thread can block until there is another one. */
  lines: 5,
} as const;

/**
 * Disables Node's check of asynchronous contexts until the termination is over, and keeps the number of Node's
 * components that had requested it.
 *
 * @param counts Node's counts of asynchronous hooks
 */
export function disableChecks(
  shared: Int32Array,
  counts: Uint32Array,
  { checks, totals }: Pick<AsyncHookFields, "checks" | "totals">,
): void {
  Atomics.compareExchange(shared, SHARED.checks, 0, counts[checks]! + 1);
  counts[checks] = 0;
  counts[totals] = 0;
}

/** The global symbol of the function by which the main thread is interrupted in a cell, to have the cell terminated. */
export const TERMINATE = "gradbook.terminate";

/** The code that a termination may end: only a cell of a subshell, or any code that blocks the main thread. */
export type Blocking = "subshell" | "any";

/** The request that caused a message. `cell` is 0 if it is not a cell. */
export interface Cause {
  cell: number;
  identities: Uint8Array[];
  header: Partial<Header>;
}

/**
 * Messages from the main thread to the sockets. Content is already JSON, because a user's value may not be cloneable.
 */
export type Outgoing =
  | { kind: "begin"; cause: Cause; isBatch: boolean; pipes: ReadEnds }
  | { kind: "stream"; cause: Cause; name: "stdout" | "stderr"; text: string }
  | {
      kind: "publish";
      cause: Cause;
      type: string;
      content: string;
      metadata?: object;
      buffers?: Uint8Array[];
    }
  /** The answer to a request on the shell channel. */
  | { kind: "reply"; cause: Cause; type: string; content: string }
  /** Ends a request that is not a cell of the main shell. */
  | { kind: "done"; cause: Cause }
  | { kind: "end"; cause: Cause; reply: string }
  | { kind: "input"; cause: Cause; content: string }
  /** TypeScript is loaded: from here on a cell runs at once. */
  | { kind: "ready" }
  /** Confirms that an order (`interrupt` or `force`) was received. */
  | { kind: "heard"; order: number }
  /** Assigns an interrupt received while idle to the cell that was already queued. */
  | { kind: "meant"; cell: number }
  /** Confirms that the cell to terminate is running. The main thread blocks until the order is given. */
  | { kind: "terminate" }
  | { kind: "bye" };

/** Messages from the sockets to the main thread. */
export type Incoming =
  | { kind: "request"; request: Request }
  /** Asks the cell to stop. */
  | { kind: "interrupt"; cell: number; order: number }
  /** The time to stop has passed. Nothing that this cell does from here on may have an effect. */
  | { kind: "force"; cell: number; order: number }
  /** The client has been notified that the cell ended. */
  | { kind: "concluded"; cell: number }
  /** The client asks for a stop while no cell of the main shell runs. */
  | { kind: "stopSubshells" }
  /** A debugger has made this global variable. */
  | { kind: "adopt"; name: string }
  | { kind: "shutdown"; restart: boolean };
