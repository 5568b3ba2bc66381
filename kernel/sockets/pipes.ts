import { readSync } from "node:fs";
import { Socket } from "node:net";
import type { SocketData } from "./mail";

type Name = "stdout" | "stderr";

/** Reads what native code and child processes write to the process's own descriptors. */
export class Pipes {
  private readonly ends: { fd: number; hear: (chunk: Uint8Array) => void }[] = [];
  private readonly chunk = new Uint8Array(1 << 16);
  private fresh = false;

  constructor(pipes: SocketData["pipes"], say: (name: Name, text: string) => void) {
    for (const name of ["stdout", "stderr"] as const) {
      const fd = pipes[name];
      if (fd === undefined) continue;
      const decoder = new TextDecoder();
      const hear = (chunk: Uint8Array) => say(name, decoder.decode(chunk, { stream: true }));
      new Socket({ fd, readable: true }).on("data", hear);
      this.ends.push({ fd, hear });
    }
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
      for (let length = this.read(fd); length > 0; length = this.read(fd))
        hear(this.chunk.subarray(0, length));
  }

  /** Without waiting: the descriptor does not block, and says by an error that it has nothing. */
  private read(fd: number): number {
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
