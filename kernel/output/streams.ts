import { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import koffi from "koffi";
import type { Outgoing, ReadEnds } from "../sockets/mail";
import { Interrupted, type Owner, owner } from "./owner";

type Send = (message: Outgoing) => void;
type Name = "stdout" | "stderr";

const { nextTick } = process;

/** Sends the output of JavaScript's own streams and of child processes to the cell that caused it. */
export function captureStreams(send: Send): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new TextDecoder();
    const write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
      const whose = owner();
      if (whose.dead) throw new Interrupted();
      const bytes = typeof chunk === "string" ? bytesOf(chunk, encoding) : (chunk as Uint8Array);
      const text = bytes === undefined ? String(chunk) : decoder.decode(bytes, { stream: true });
      send({ kind: "stream", cause: whose.cause, name, text });
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") nextTick(callback as () => void);
      return true;
    };
    Object.defineProperty(process[name], "write", { value: write, configurable: true, writable: true });
  }
  captureChildren(send);
}

/** Returns the bytes of a text in an encoding such as base64; undefined for a text that is written as it is. */
const bytesOf = (text: string, encoding: unknown): Uint8Array | undefined =>
  typeof encoding === "string" && !/^utf-?8$/i.test(encoding) && Buffer.isEncoding(encoding)
    ? Buffer.from(text, encoding)
    : undefined;

interface Spawning {
  stdio?: unknown;
}
type Spawn = (this: ChildProcess, options: Spawning) => number;

/** Redirects the output of a child process from the kernel's own streams to its cell, also after the cell has ended. */
function captureChildren(send: Send): void {
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const whose = owner();
    const wanted = options.stdio;
    const stdio = Array.isArray(wanted) ? [...wanted] : [wanted, wanted, wanted].map((one) => one ?? "pipe");
    const forwarded = ([1, 2] as const).filter((fd) => isOwnStream(stdio[fd], fd));
    for (const fd of forwarded) stdio[fd] = "pipe";
    const result = spawn.call(this, forwarded.length ? { ...options, stdio } : options);
    for (const fd of forwarded) forward(this, fd === 1 ? "stdout" : "stderr", whose, send);
    return result;
  };
}

const isOwnStream = (stdio: unknown, fd: 1 | 2) =>
  stdio === "inherit" || stdio === fd || stdio === (fd === 1 ? process.stdout : process.stderr);

function forward(child: ChildProcess, name: Name, whose: Owner, send: Send): void {
  child[name]?.setEncoding("utf8").on("data", (text: string) => {
    if (!whose.dead) send({ kind: "stream", cause: whose.cause, name, text });
  });
}

/**
 * Makes file descriptors 1 and 2 pipes, whose other ends the sockets' thread reads: TensorFlow, other native code and child
 * processes that wait in `execSync` write there, past JavaScript. Every cell has pipes of its own: a child keeps those with
 * which it was started, so what it says in the background is known to be that cell's.
 */
export class Descriptors {
  private readonly libc = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6");
  private readonly pipe = this.libc.func("int pipe(_Out_ int *ends)") as (ends: number[]) => number;
  private readonly dup2 = this.libc.func("int dup2(int from, int to)") as (
    from: number,
    to: number,
  ) => number;
  private readonly close = this.libc.func("int close(int fd)") as (fd: number) => number;
  /** The kernel's own log: stderr as Jupyter gave it. */
  readonly log = (this.libc.func("int dup(int fd)") as (fd: number) => number)(2);

  constructor() {
    // When V8 or native code aborts the process, this thread first sleeps in the signal's handler (the handler gets the
    // signal's number, 6, as its argument), so that the sockets' thread can read the last words from the pipe.
    const signal = this.libc.func("void *signal(int number, void *handler)") as (
      number: number,
      handler: unknown,
    ) => unknown;
    signal(constants.signals.SIGABRT, this.libc.symbol("sleep", "void"));
  }

  /**
   * Replaces the pipes. @returns the ends to read; none when the system has no more descriptors, and the old pipes stay
   * in use
   */
  renew(): ReadEnds {
    return { stdout: this.redirect(1), stderr: this.redirect(2) };
  }

  private redirect(fd: number): number | undefined {
    const ends = [0, 0];
    if (this.pipe(ends) !== 0) return undefined;
    this.dup2(ends[1]!, fd);
    this.close(ends[1]!);
    return ends[0];
  }
}
