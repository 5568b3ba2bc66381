import { readSync } from "node:fs";
import { Socket } from "node:net";
import type { Cause, ReadEnds } from "./mail";

const BATCH_MS = 50;
/** Text of this length is sent at once, so that one message does not hold everything that a loop prints. */
const BATCH_LENGTH = 1 << 16;

type Name = "stdout" | "stderr";

/** Text on its way to the client, collected for about 50 ms, in order. */
export class Streams {
  private cause: Cause | undefined;
  private name: Name = "stdout";
  private texts: string[] = [];
  private length = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (cause: Cause, name: Name, text: string) => void) {}

  write(cause: Cause, name: Name, text: string): void {
    if (!text) return;
    if (this.cause?.header.msg_id !== cause.header.msg_id || this.name !== name) this.flush();
    this.cause = cause;
    this.name = name;
    this.texts.push(text);
    this.length += text.length;
    if (this.length >= BATCH_LENGTH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.cause || !this.length) return;
    this.send(this.cause, this.name, this.texts.join(""));
    this.texts = [];
    this.length = 0;
  }
}

interface End {
  fd: number;
  name: Name;
  cause: Cause;
  hear: (chunk: Uint8Array) => void;
}

/** Reads what native code and child processes write to the process's own descriptors. */
export class Pipes {
  private readonly ends = new Set<End>();
  /** The pipes that the process writes to now. The others belong to earlier child processes. */
  private readonly latest = new Map<Name, End>();
  private readonly chunk = new Uint8Array(1 << 16);
  private fresh = false;
  private isDying = false;

  /** @param lastWords gets what the process writes to stderr from a fatal error on */
  constructor(
    private readonly say: (cause: Cause, name: Name, text: string) => void,
    private readonly lastWords: (text: string) => void,
  ) {}

  /** From here on the process writes to these pipes; its output is attributed to `cause`. */
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
      hear: (chunk) => {
        const text = decoder.decode(chunk, { stream: true });
        this.isDying ||= name === "stderr" && FATAL.test(text);
        if (this.isDying) this.lastWords(text);
        this.say(end.cause, name, text);
      },
    };
    this.ends.add(end);
    this.latest.set(name, end);
    // No writer is left. The descriptor will be closed, and its number may be reused.
    const gone = () => this.ends.delete(end);
    new Socket({ fd, readable: true }).on("data", end.hear).on("end", gone).on("error", gone);
  }

  /** Reads what was written before the given message, which the event loop may not have processed yet. */
  before(message: { kind: string }): void {
    if (this.fresh && message.kind !== "end" && message.kind !== "heard") return;
    // Once in a turn of the loop: a burst of a thousand lines is a thousand messages.
    this.fresh = true;
    setImmediate(() => {
      this.fresh = false;
    });
    for (const { fd, hear } of this.ends)
      for (let length = this.next(fd); length > 0; length = this.next(fd))
        hear(this.chunk.subarray(0, length));
  }

  /** Reads without blocking: the descriptor returns an error when it has no data. */
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

/** The first words of V8, glibc and the C++ library before they abort a process. */
const FATAL =
  /^(FATAL ERROR|# Fatal error in|<--- Last few GCs|terminate called|free\(\)|double free|malloc)/m;
