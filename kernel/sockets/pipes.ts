import { readSync } from "node:fs";
import { Socket } from "node:net";
import type { Cause, ReadEnds } from "./mail";

type Name = "stdout" | "stderr";

interface End {
  fd: number;
  name: Name;
  cause: Cause;
  hear: (chunk: Uint8Array) => void;
}

/** Reads what native code and child processes write to the process's own descriptors. */
export class Pipes {
  private readonly ends = new Set<End>();
  /** Those that the process writes to at present; the others are of children from before. */
  private readonly latest = new Map<Name, End>();
  private readonly chunk = new Uint8Array(1 << 16);
  private fresh = false;

  constructor(private readonly say: (cause: Cause, name: Name, text: string) => void) {}

  /** From here on the process writes to these pipes, because of `cause`. */
  open(ends: ReadEnds, cause: Cause): void {
    for (const name of ["stdout", "stderr"] as const) {
      const fd = ends[name];
      if (fd !== undefined) this.read(fd, name, cause);
      else if (this.latest.has(name)) this.latest.get(name)!.cause = cause;
    }
  }

  private read(fd: number, name: Name, cause: Cause): void {
    const decoder = new TextDecoder();
    const end: End = {
      fd,
      name,
      cause,
      hear: (chunk) => this.say(end.cause, name, decoder.decode(chunk, { stream: true })),
    };
    this.ends.add(end);
    this.latest.set(name, end);
    // Nobody is left who could write; the descriptor is closed next, and its number another's.
    const gone = () => this.ends.delete(end);
    new Socket({ fd, readable: true }).on("data", end.hear).on("end", gone).on("error", gone);
  }

  /** What was written before the message in hand is heard before it, though the event loop may not have come to it. */
  before(message: { kind: string }): void {
    if (this.fresh && message.kind !== "end") return;
    // Once in a turn of the loop: a burst of a thousand lines is a thousand messages.
    this.fresh = true;
    setImmediate(() => {
      this.fresh = false;
    });
    for (const { fd, hear } of this.ends)
      for (let length = this.next(fd); length > 0; length = this.next(fd))
        hear(this.chunk.subarray(0, length));
  }

  /** Without waiting: the descriptor does not block, and says by an error that it has nothing. */
  private next(fd: number): number {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return readSync(fd, this.chunk);
    } catch {
      return 0;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}
