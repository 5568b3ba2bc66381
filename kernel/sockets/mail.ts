import type { Connection, Header, Request } from "../protocol/message";

/** What the socket thread is started with. */
export interface SocketData {
  connection: Connection;
  version: string;
  /** Numbers that both threads see at once, also while one is busy. */
  shared: Int32Array;
  pipes: ReadEnds;
  /** File descriptor of the kernel's own log. */
  log: number;
}

/** Read ends of what native code and child processes write to file descriptors 1 and 2. */
export interface ReadEnds {
  stdout?: number;
  stderr?: number;
}

/** Places in `shared`. */
export const SHARED = {
  /** The last interrupt that the main thread has heard of. */
  heard: 0,
  /** How many listeners wait for an interrupt, to stop in order. */
  obeyers: 1,
  /** 1 as soon as V8 has the order to terminate for which the main thread waits. */
  ordered: 2,
  /** The last interrupt that a termination answered. */
  answered: 3,
} as const;

/** The global symbol by which the main thread is asked, in the middle of a cell, to have it terminated. */
export const TERMINATE = "gradbook.terminate";

/** Where a message belongs: the request that caused it. `cell` is 0 for what is no cell. */
export interface Cause {
  cell: number;
  identities: Uint8Array[];
  header: Partial<Header>;
}

/** From the main thread to the sockets. Content is JSON already: a user's value need not be cloneable. */
export type Outgoing =
  | { kind: "begin"; cause: Cause; pipes: ReadEnds }
  | { kind: "stream"; cause: Cause; name: "stdout" | "stderr"; text: string }
  | {
      kind: "publish";
      cause: Cause;
      type: string;
      content: string;
      metadata?: string;
      buffers?: Uint8Array[];
    }
  | {
      kind: "reply";
      cause: Cause;
      channel: "shell" | "control";
      type: string;
      content: string;
      metadata?: string;
    }
  | { kind: "end"; cause: Cause; reply: string }
  | { kind: "input"; cause: Cause; content: string }
  /** An interrupt that came where no cell ran is this one's, which had been asked for before. */
  | { kind: "meant"; cell: number }
  /** What runs is the cell that was to be terminated, and stands still until that is ordered. */
  | { kind: "terminate" }
  | { kind: "bye" };

/** From the sockets to the main thread. */
export type Incoming =
  | { kind: "request"; request: Request }
  /** Stop in order, please. */
  | { kind: "interrupt"; cell: number; count: number }
  /** The time for that is over: what this cell still does is to have no effect. */
  | { kind: "force"; cell: number; count: number }
  /** The client was told that the cell ended. */
  | { kind: "concluded"; cell: number }
  | { kind: "input"; value: string }
  | { kind: "shutdown"; restart: boolean };
